import Testing

@testable import EmbeddedBroker

struct CommitQueueTests {
  /// Goal: a file of the journal that becomes full just as the other one has been emptied is emptied too: nobody would ask for it again.
  @Test func `what becomes due while a file is being emptied is not forgotten`() {
    let queue = CommitQueue(takers: 2)
    queue.beginEmptying()
    #expect(queue.takesEmptying)
    queue.beginEmptying()
    queue.endEmptying()
    // A closed queue gives out what there is, and does not wait for more.
    queue.close()
    #expect(queue.takesEmptying)
    queue.endEmptying()
    #expect(!queue.takesEmptying)
  }
}

extension CommitQueue {
  fileprivate var takesEmptying: Bool {
    if case .emptyJournal = take() { true } else { false }
  }
}
