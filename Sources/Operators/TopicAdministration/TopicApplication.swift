/// What came of bringing a cluster's topics to what is declared.
package struct TopicApplication: Hashable, Sendable {
  /// What was done, in order.
  package var done: [TopicDifference] = []
  /// What was not done, and why.
  package var refused: [TopicDifference] = []

  /// An application that has done nothing.
  package init() {}

  /// The refusals for which the platform must not run on the topics as they are.
  package var forbidding: [TopicDifference] { refused.filter { $0.refusal?.forbidsRunning == true } }
}
