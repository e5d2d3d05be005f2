package import Catalogue
package import MillraceDomain

/// A command for the controller, `POST /control/v1/commands`. The controller stamps the time.
package struct ControlRequest: Hashable, Sendable, Codable {
  /// What is asked.
  package var action: CatalogueCommand.Action
  /// A request for an action.
  package init(_ action: CatalogueCommand.Action) { self.action = action }
}

/// What a command came to, status 200 whether it was accepted or rejected. It is durable.
package struct ControlResponse: Hashable, Sendable, Codable {
  /// Where a reader of `functions` has to be to see what the answer says.
  package var index: CatalogueIndex
  /// The answer.
  package var answer: CatalogueAnswer
  /// A response from its parts.
  package init(index: CatalogueIndex, answer: CatalogueAnswer) {
    self.index = index
    self.answer = answer
  }
}

/// Where the controller is, `GET /control/v1/status`.
package struct ControlStatus: Hashable, Sendable, Codable {
  /// The term it is in.
  package var term: UInt64
  /// The last index applied.
  package var appliedIndex: CatalogueIndex
  /// The last index of which every change is on `functions`.
  package var publishedIndex: CatalogueIndex
  /// Whether changes reach `functions`.
  package var isPublishing: Bool
  /// A status from its parts.
  package init(term: UInt64, appliedIndex: CatalogueIndex, publishedIndex: CatalogueIndex, isPublishing: Bool) {
    self.term = term
    self.appliedIndex = appliedIndex
    self.publishedIndex = publishedIndex
    self.isPublishing = isPublishing
  }
}

/// Why the controller did not take a command: the body of every status but 200.
package struct ControlProblem: Hashable, Sendable, Codable {
  /// What was wrong, for people.
  package var message: String
  /// A problem with its message.
  package init(message: String) { self.message = message }
}
