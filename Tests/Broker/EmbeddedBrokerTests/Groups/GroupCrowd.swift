import EventLoop
import KafkaWire
import SimulationKit

@testable import EmbeddedBroker

/// Clients of one group that do as they like: join, work, commit, change their minds, leave, die, come back, and sometimes speak
/// long after they were thought dead. The broker is restarted under them.
final class GroupCrowd {
  static let partitionCount = 8

  /// A client's process.
  struct Client {
    var instance: String?
    var id = ""
    var generation: Int32 = -1
    var parts: [UInt8] = []
    var metadata: UInt8 = 0
    var phase = Phase.out

    var claim: GroupClaim { GroupClaim(memberID: id, instanceID: instance, generation: generation) }
  }

  enum Phase {
    case out
    case joining(GroupTicket)
    case syncing(GroupTicket)
    case working
  }

  let scene = GroupScene()
  private var random: SeededGenerator
  private var clients: [Client] = []
  /// What processes say that are not there any more.
  private var ghosts: [Client] = []
  private var void: Set<GroupTicket> = []
  /// Who committed last in each partition.
  private var owners: [UInt8: (generation: Int32, owner: String)] = [:]
  private var lastGeneration: Int32 = 0
  private(set) var commitCount = 0
  private(set) var refusalCount = 0
  private(set) var restartCount = 0

  init(_ random: inout SeededGenerator) {
    self.random = random.split()
    for index in 0..<6 { clients.append(Client(instance: index < 2 ? "i\(index)" : nil)) }
  }

  func step() throws {
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<3: scene.pass(.milliseconds(Int.random(in: 0..<4_000, using: &random)))
    case 3..<6: scene.settle(random.isOne(in: 20) ? .coordinatorNotAvailable : .none)
    case 6: try haunt()
    case 7: if random.isOne(in: 10) { restart() }
    case _: try act(Int.random(in: clients.indices, using: &random))
    }
    try check()
  }

  /// Everybody goes quiet: what still waits must be answered by time alone.
  func end() throws {
    for _ in 0..<20 {
      scene.settle()
      scene.pass(.seconds(600))
    }
    let left = scene.unanswered.subtracting(void)
    try SeededProperty.claim(left.isEmpty, "\(left.count) requests were never answered")
    try SeededProperty.claim(scene.group.state == .empty, "a group without clients is \(scene.group.state)")
    try SeededProperty.claim(scene.group.byteCount == 0, "an empty group takes \(scene.group.byteCount) bytes")
  }

  // MARK: clients

  private func act(_ index: Int) throws {
    switch clients[index].phase {
    case .out: join(index)
    case .joining(let ticket): hearJoin(index, ticket)
    case .syncing(let ticket): hearSync(index, ticket)
    case .working: try work(index)
    }
  }

  private func join(_ index: Int) {
    let client = clients[index]
    let ticket = scene.join(
      client.id, instance: client.instance, naming: random.isOne(in: 3) ? .joinsAtOnce : .namedFirst,
      protocols: random.isOne(in: 5) ? ["sticky"] : ["range", "sticky"], metadata: [client.metadata])
    clients[index].phase = .joining(ticket)
  }

  private func hearJoin(_ index: Int, _ ticket: GroupTicket) {
    guard let answer = scene.joined(ticket) else {
      // Its connection broke: the same process asks again.
      if random.isOne(in: 12) { join(index) }
      return
    }
    clients[index].phase = .out
    switch answer.code {
    case .none:
      clients[index].id = answer.memberID
      clients[index].generation = answer.generation
      sync(index, answer)
    case .memberIDRequired: clients[index].id = answer.memberID
    case .unknownMemberID, .fencedInstanceID: clients[index].id = ""
    case _: break
    }
  }

  private func sync(_ index: Int, _ answer: GroupJoinAnswer) {
    var parts: [String: [UInt8]] = [:]
    for (number, part) in (0..<UInt8(Self.partitionCount)).enumerated() where !answer.members.isEmpty {
      parts[answer.members[number % answer.members.count].memberID, default: []].append(part)
    }
    let client = clients[index]
    clients[index].phase = .syncing(
      scene.sync(client.id, client.generation, instance: client.instance, name: answer.protocolName, parts: parts))
  }

  private func hearSync(_ index: Int, _ ticket: GroupTicket) {
    guard let answer = scene.synced(ticket) else { return }
    clients[index].phase = answer.code == .none ? .working : .out
    clients[index].parts = answer.assignment
    if answer.code == .unknownMemberID || answer.code == .fencedInstanceID { clients[index].id = "" }
  }

  private func work(_ index: Int) throws {
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<9:
      let code = scene.heartbeat(clients[index].id, clients[index].generation, instance: clients[index].instance)
      if code != ErrorCode.none {
        remember(index)
        clients[index].phase = .out
      }
      if code == .unknownMemberID || code == .fencedInstanceID { clients[index].id = "" }
    case 9..<15: try commit(clients[index])
    case 15:
      remember(index)
      clients[index].metadata &+= 1
      join(index)
    case 16:
      _ = scene.leave(clients[index].id, instance: clients[index].instance)
      forget(index)
    case 17: forget(index)
    case _: break
    }
  }

  /// The process ends; what it would have said may still come.
  private func forget(_ index: Int) {
    remember(index)
    clients[index] = Client(instance: clients[index].instance)
  }

  /// A thread of the process hangs: what it was about to say of this generation comes when that may be over.
  private func remember(_ index: Int) {
    if case .working = clients[index].phase { ghosts.append(clients[index]) }
    if ghosts.count > 10 { ghosts.removeFirst() }
  }

  private func haunt() throws {
    guard !ghosts.isEmpty else { return }
    try commit(ghosts[Int.random(in: ghosts.indices, using: &random)])
  }

  private func commit(_ client: Client) throws {
    guard scene.commit(client.id, client.generation, instance: client.instance) == ErrorCode.none else {
      refusalCount += 1
      return
    }
    commitCount += 1
    let owner = client.instance ?? client.id
    for part in client.parts {
      let last = owners[part] ?? (client.generation, owner)
      try SeededProperty.claim(
        last.generation < client.generation || last == (client.generation, owner),
        "\(owner) in generation \(client.generation) commits \(part) after \(last.owner) in \(last.generation)")
      owners[part] = (client.generation, owner)
    }
  }

  // MARK: the broker

  /// Only what is durable is left, and the clients do not know.
  private func restart() {
    restartCount += 1
    void.formUnion(scene.unanswered)
    scene.restart(persisting: Int.random(in: 0...2, using: &random))
    lastGeneration = scene.group.generation
    for (index, client) in clients.enumerated() {
      switch client.phase {
      case .joining, .syncing: clients[index].phase = .out
      case .out, .working: break
      }
    }
  }

  private func check() throws {
    let group = scene.group
    try SeededProperty.claim(scene.doubleAnswers == 0, "a request was answered twice")
    try SeededProperty.claim(group.generation >= lastGeneration, "the generation fell to \(group.generation)")
    lastGeneration = group.generation
    try SeededProperty.claim(
      Set(group.joinTickets.keys).union(group.syncTickets.keys).union(group.unsynced).isSubset(of: group.members.keys),
      "somebody waits who is no member")
    try SeededProperty.claim(
      group.members.isEmpty == (group.state == .empty), "\(group.members.count) members are \(group.state)")
    try SeededProperty.claim(
      group.members.isEmpty || group.support.choice(of: group.ordered) != nil, "the members have no way in common")
    let statics = group.members.values.compactMap { member in member.instanceID.map { ($0, member.id) } }
    try SeededProperty.claim(
      Dictionary(statics) { first, _ in first } == group.staticMembers, "static members are mixed up")
    try SeededProperty.claim(
      group.byteCount == group.members.values.reduce(0) { $0 + $1.byteCount }, "bytes are counted wrongly")
    try SeededProperty.claim(
      group.members.isEmpty || scene.wake != nil || !group.joinTickets.isEmpty, "nobody will look after the members")
    try SeededProperty.claim(
      group.members.isEmpty || group.leaderID.map { group.members[$0] != nil } ?? false, "the leader is no member")
  }
}
