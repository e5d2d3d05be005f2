/// Which ways to share out the members of a group know.
struct ProtocolSupport: Sendable, Equatable {
  private var counts: [String: Int] = [:]

  mutating func add(_ member: GroupMember) {
    for name in Set(member.protocols.map(\.name)) { counts[name, default: 0] += 1 }
  }

  mutating func remove(_ member: GroupMember) {
    for name in Set(member.protocols.map(\.name)) {
      let left = counts[name, default: 1] - 1
      counts[name] = left > 0 ? left : nil
    }
  }

  /// Whether one of the ways is known to all of so many members.
  func sharesAny(of protocols: [GroupProtocol], amongMembers count: Int) -> Bool {
    protocols.contains { counts[$0.name] == count }
  }

  /// The way that most members prefer of those that all know. Of equals, the one whose first voter came first.
  func choice(of members: [GroupMember]) -> String? {
    var votes: [(name: String, count: Int)] = []
    for member in members {
      guard let best = member.protocols.first(where: { counts[$0.name] == members.count })?.name else { continue }
      if let index = votes.firstIndex(where: { $0.name == best }) {
        votes[index].count += 1
      } else {
        votes.append((best, 1))
      }
    }
    guard let most = votes.map(\.count).max() else { return nil }
    return votes.first { $0.count == most }?.name
  }
}
