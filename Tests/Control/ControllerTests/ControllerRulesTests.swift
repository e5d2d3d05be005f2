import Controller
import MillraceDomain
import Testing

@Suite struct ControllerRulesTests {
  private func position(_ index: UInt64, _ position: Int64, of count: Int64) -> FeedPosition {
    FeedPosition(index: CatalogueIndex(index), position: position, count: count)
  }

  private func resumption(after last: FeedPosition?, floor: UInt64) -> ControllerRules.Resumption {
    let queued: [(index: CatalogueIndex, count: Int64)] = [(CatalogueIndex(11), 3), (CatalogueIndex(13), 1)]
    return ControllerRules.resumption(
      after: last, floor: CatalogueIndex(floor), queued: queued, applied: CatalogueIndex(14))
  }

  @Test func `Publication goes on after the feed's last record`() {
    #expect(resumption(after: nil, floor: 0) == .goOn(from: nil, position: 0))
    #expect(resumption(after: position(10, 1, of: 2), floor: 10) == .goOn(from: nil, position: 0))
    #expect(resumption(after: position(11, 0, of: 3), floor: 10) == .goOn(from: CatalogueIndex(11), position: 1))
    #expect(resumption(after: position(11, 2, of: 3), floor: 10) == .goOn(from: CatalogueIndex(12), position: 0))
    #expect(resumption(after: position(13, 0, of: 1), floor: 10) == .goOn(from: CatalogueIndex(14), position: 0))
  }

  @Test func `A feed that lacks what is not queued is told the whole state`() {
    #expect(resumption(after: nil, floor: 10) == .republish)
    #expect(resumption(after: position(9, 0, of: 1), floor: 10) == .republish)
    #expect(resumption(after: position(10, 0, of: 2), floor: 10) == .republish)
  }

  @Test func `A feed that knows more or other things is refused`() {
    for last in [position(15, 0, of: 1), position(11, 0, of: 2), position(12, 0, of: 1)] {
      guard case .refuse = resumption(after: last, floor: 10) else {
        Issue.record("\(last) was not refused")
        continue
      }
    }
  }
}
