import Catalogue
import MillraceDomain
import SimulationKit

/// Random commands over a few names and ids, so that they meet each other: repeats, conflicts, unknown ids included.
struct CommandGenerator {
  private var generator: SeededGenerator
  private var milliseconds: Int64 = 1_700_000_000_000
  private let deployments: [DeploymentID]
  private let tokens: [TokenID]
  private static let functions = ["alpha", "beta", "gamma"]

  init(_ parent: inout SeededGenerator) {
    var own = parent.split()
    let time = Timestamp(milliseconds: milliseconds)
    deployments = (0..<20).map { _ in DeploymentID(at: time, using: &own) }
    tokens = (0..<4).map { _ in TokenID(at: time, using: &own) }
    generator = own
  }

  mutating func next() -> CatalogueCommand {
    milliseconds += Int64.random(in: 0...5, using: &generator)
    return CatalogueCommand(at: Timestamp(milliseconds: milliseconds), action())
  }

  mutating func commands(_ count: Int) -> [CatalogueCommand] { (0..<count).map { _ in next() } }

  private mutating func action() -> CatalogueCommand.Action {
    let deployment = deployments.randomElement(using: &generator)!
    let function = try! FunctionName(Self.functions.randomElement(using: &generator)!)
    switch Int.random(in: 0..<12, using: &generator) {
    case 0: return .createToken(id: token(), namespace: namespace(), name: "name", secretDigest: digest().description)
    case 1: return .revokeToken(id: token())
    case 2...4: return .registerDeployment(id: deployment, namespace: namespace(), function: function)
    case 5: return .startBuild(deployment: deployment)
    case 6...8: return .publishVersion(deployment: deployment, configuration: configuration(), code: code())
    case 9: return .failDeployment(deployment: deployment, reason: "no reason")
    case 10: return .deleteFunction(namespace: .standard, function: function)
    default:
      return .failDeployment(deployment: DeploymentID(at: Timestamp(milliseconds: 1), using: &generator), reason: "")
    }
  }

  private mutating func token() -> TokenID { tokens.randomElement(using: &generator)! }

  private mutating func namespace() -> NamespaceName {
    generator.isOne(in: 10) ? try! NamespaceName("elsewhere") : .standard
  }

  private mutating func digest() -> CodeDigest {
    try! CodeDigest(bytes: [UInt8](repeating: UInt8.random(in: 0...1, using: &generator), count: 32))
  }

  private mutating func configuration() -> FunctionConfiguration {
    FunctionConfiguration(
      handler: try! HandlerName("app.handler"), runtime: try! RuntimeName("python3.12"),
      memoryMebibytes: generator.isOne(in: 8) ? 1 : 128, environment: ["A": "1", "B": "ü"], description: "Größe")
  }

  private mutating func code() -> CodeReference {
    CodeReference(digest: digest(), partition: 0, firstOffset: 7, byteCount: 1_000, chunkCount: 1)
  }
}

extension CatalogueState {
  /// Applies commands at the indexes that follow.
  mutating func apply(_ commands: [CatalogueCommand]) -> [CatalogueDecision] {
    commands.map { apply($0, at: appliedIndex.next) }
  }
}
