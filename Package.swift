// swift-tools-version: 6.2
import PackageDescription

// The map of the folders is Sources/README.md. Nothing is fetched: the toolchain and Debian's -dev packages
// (docs/reference/dependencies.md) are all there is.

let house: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]
/// An adapter module is the only one that sees its C library, and says `unsafe` at each use.
let adapter: [SwiftSetting] = house + [.strictMemorySafety()]

func module(
  _ folder: String, _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(folder)/\(name)", resources: resources,
    swiftSettings: house)
}

func adapter(
  _ folder: String, _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Sources/\(folder)/\(name)", resources: resources,
    swiftSettings: adapter)
}

func cLibrary(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, path: "Sources/CLibraries/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func tests(
  _ folder: String, _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [],
  resources: [Resource] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(folder)/\(name)Tests", exclude: exclude,
    resources: resources, swiftSettings: house)
}

let package = Package(
  name: "millrace",
  products: [
    .executable(name: "millrace", targets: ["millrace"]),
    .library(name: "MillraceSandbox", type: .dynamic, targets: ["CSandboxZygote"]),
  ],
  targets: [
    // C libraries: headers and module maps only, but for CProcesses and CSandbox…, which are ours.
    .target(name: "CLinux", path: "Sources/CLibraries/CLinux"),
    .target(
      name: "CSandbox", path: "Sources/CLibraries/CSandbox", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    // Loaded by Python, so it must not need the Swift runtime: hence no start files of Swift's in its library.
    .target(
      name: "CSandboxZygote", dependencies: ["CSandbox"], path: "Sources/CLibraries/CSandboxZygote",
      cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
      linkerSettings: [
        .linkedLibrary("seccomp"), .unsafeFlags(["-nostartfiles", "-static-stdlib", "-Xlinker", "--as-needed"]),
      ]),
    .target(name: "CProcesses", path: "Sources/CLibraries/CProcesses"),
    .target(name: "CChecksum", path: "Sources/CLibraries/CChecksum"),
    cLibrary("CRdKafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
    cLibrary("CLibPQ", pkgConfig: "libpq", apt: "libpq-dev"),
    cLibrary("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    cLibrary("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
    cLibrary("CZip", pkgConfig: "libzip", apt: "libzip-dev"),
    cLibrary("CYaml", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),

    // Platform
    adapter("Platform", "EventLoop", ["CLinux"]),
    adapter("Platform", "Processes", ["CLinux", "CProcesses", "EventLoop"]),
    adapter("Platform", "Streams", ["CLinux", "EventLoop"]),
    module("Platform", "Telemetry"),
    adapter("Platform", "Security", ["COpenSSL"]),
    adapter("Platform", "HTTPServer", ["CLinux", "EventLoop", "Streams", "Telemetry"]),
    adapter("Platform", "HTTPClient", ["CCurl", "EventLoop"]),
    module("Platform", "LogRecords"),
    adapter("Platform", "EventLog", ["CRdKafka", "CLinux", "EventLoop", "LogRecords", "Telemetry"]),
    adapter("Platform", "Postgres", ["CLibPQ", "CLinux", "EventLoop", "Telemetry"]),
    adapter("Platform", "YAML", ["CYaml"]),
    module("Platform", "Settings", ["YAML"]),
    module("Platform", "CommandTable", ["Settings"]),
    module("Platform", "Lifecycle", ["EventLoop", "Telemetry"]),

    adapter("Platform", "Checksums", ["CChecksum"]),

    // Contracts
    module("Contracts", "MillraceDomain"),
    module("Contracts", "LogContracts", ["LogRecords", "MillraceDomain"]),
    module("Contracts", "ControlWire", ["MillraceDomain", "Catalogue"]),

    // Control
    module("Control", "Catalogue", ["MillraceDomain"]),
    adapter(
      "Control", "Controller",
      [
        "Catalogue", "Checksums", "CLinux", "ControlWire", "EventLog", "EventLoop", "HTTPServer", "Lifecycle",
        "LogContracts",
        "LogRecords",
        "MillraceDomain", "Security", "Settings", "Streams", "Telemetry",
      ]),

    // Flow: stages meet in topics, never in imports.
    module(
      "Flow", "CatalogueView",
      ["Catalogue", "EventLog", "EventLoop", "LogContracts", "LogRecords", "MillraceDomain", "Security", "Telemetry"]),
    module(
      "Flow", "CodeStore",
      ["EventLog", "EventLoop", "LogContracts", "LogRecords", "MillraceDomain", "Security", "Telemetry"]),
    // The safe unpacker that builder and executor share.
    adapter("Flow", "CodeArchive", ["CLinux", "CZip"]),
    module(
      "Flow", "ControllerClient", ["Catalogue", "ControlWire", "EventLoop", "HTTPClient", "MillraceDomain"]),
    module(
      "Flow", "Gateway",
      [
        "Catalogue", "CatalogueView", "CodeStore", "ControllerClient", "EventLog", "EventLoop", "HTTPServer",
        "Lifecycle",
        "LogContracts", "LogRecords", "MillraceDomain", "Postgres", "Security", "Settings", "Streams", "Telemetry",
      ], resources: [.embedInCode("Resources/openapi.json")]),
    adapter(
      "Flow", "Builder",
      [
        "Catalogue", "CatalogueView", "CodeArchive", "CodeStore", "ControllerClient", "EventLog", "EventLoop",
        "Lifecycle",
        "LogContracts", "LogRecords", "MillraceDomain", "Processes", "PythonSandbox", "Security", "Settings",
        "Telemetry",
      ]),
    adapter(
      "Flow", "PythonSandbox",
      ["CLinux", "CSandbox", "EventLoop", "MillraceDomain", "Processes", "Streams", "Telemetry"],
      resources: [.embedInCode("Resources/runtime.py")]),
    module(
      "Flow", "Executor",
      [
        "Catalogue", "CatalogueView", "CodeArchive", "CodeStore", "EventLog", "EventLoop", "Lifecycle", "LogContracts",
        "LogRecords", "MillraceDomain", "Processes", "PythonSandbox", "Security", "Settings", "Telemetry",
      ]),
    module(
      "Flow", "Recorder",
      [
        "EventLog", "EventLoop", "Lifecycle", "LogContracts", "LogRecords", "MillraceDomain", "Postgres", "Settings",
        "Telemetry",
      ], resources: [.embedInCode("Migrations/0001-tables.sql"), .embedInCode("Migrations/0002-analytics.sql")]),

    // Broker: the log of one machine. It knows Kafka's protocol and files, and nothing of Millrace's topics.
    adapter("Broker", "KafkaWire", ["Checksums"]),
    adapter("Broker", "PartitionLog", ["Checksums", "CLinux", "KafkaWire"]),
    adapter(
      "Broker", "EmbeddedBroker",
      [
        "Checksums", "CLinux", "EventLoop", "HTTPServer", "KafkaWire", "Lifecycle", "PartitionLog", "Settings",
        "Streams", "Telemetry",
      ]),

    // Operators
    module("Operators", "TopicAdministration", ["EventLog", "EventLoop", "LogContracts"]),
    module(
      "Operators", "Commands",
      [
        "Catalogue", "CLinux", "CodeArchive", "CommandTable", "ControlWire", "ControllerClient", "EventLog",
        "EventLoop",
        "HTTPClient",
        "Lifecycle",
        "LogContracts", "LogRecords", "MillraceDomain",
        "Postgres", "Processes", "PythonSandbox", "Security", "Settings", "Streams", "Telemetry", "TopicAdministration",
        "YAML",
      ]),

    // Programs: the only place that names concrete adapters.
    .executableTarget(
      name: "millrace",
      dependencies: [
        "Builder", "CLinux", "Commands", "CommandTable", "Controller", "ControllerClient", "EmbeddedBroker", "EventLog",
        "EventLoop", "Executor",
        "Gateway", "Lifecycle", "LogContracts", "MillraceDomain", "Postgres", "Recorder", "Security", "Settings",
        "Telemetry",
      ], path: "Sources/Programs/millrace", swiftSettings: house),
    .executableTarget(
      name: "bench-hello", dependencies: ["EventLoop", "HTTPServer", "Streams"], path: "Sources/Programs/bench-hello",
      swiftSettings: house),

    // Testing
    module("Testing", "SimulationKit"),
    adapter("Testing", "RealServers", ["CLinux", "EventLoop", "Processes"]),
    tests("Platform", "EventLoop", ["CLinux", "EventLoop", "SimulationKit"]),
    tests("Platform", "Processes", ["EventLoop", "Processes"]),
    tests("Platform", "Streams", ["CLinux", "EventLoop", "SimulationKit", "Streams"]),
    tests("Platform", "Telemetry", ["Telemetry"]),
    tests("Platform", "Security", ["Security"]),
    tests("Platform", "HTTPServer", ["CLinux", "EventLoop", "HTTPServer", "SimulationKit", "Streams"]),
    tests("Platform", "HTTPClient", ["EventLoop", "HTTPClient", "HTTPServer"]),
    tests("Platform", "LogRecords", ["LogRecords", "SimulationKit"]),
    tests("Platform", "EventLog", ["EventLog", "EventLoop", "LogRecords", "RealServers", "SimulationKit"]),
    tests("Platform", "Postgres", ["EventLoop", "Postgres", "RealServers", "SimulationKit"]),
    tests("Platform", "Settings", ["Settings", "YAML"]),
    tests("Platform", "CommandTable", ["CommandTable", "Settings"]),
    tests("Platform", "Lifecycle", ["EventLoop", "Lifecycle"]),
    tests("Contracts", "MillraceDomain", ["MillraceDomain", "SimulationKit"]),
    tests("Contracts", "LogContracts", ["LogContracts", "LogRecords", "MillraceDomain", "SimulationKit", "YAML"]),
    tests("Control", "Catalogue", ["Catalogue", "MillraceDomain", "SimulationKit"]),
    tests(
      "Control", "Controller",
      [
        "Catalogue", "CatalogueView", "CodeStore", "Controller", "ControllerClient", "ControlWire", "EventLog",
        "EventLoop",
        "LogContracts", "LogRecords", "MillraceDomain", "Processes", "RealServers", "Security", "SimulationKit",
      ]),
    tests(
      "Flow", "Gateway",
      [
        "Catalogue", "CatalogueView", "Controller", "ControllerClient", "EventLog", "EventLoop", "Gateway",
        "HTTPServer",
        "LogContracts", "LogRecords", "MillraceDomain", "Postgres", "RealServers", "Recorder", "Security",
        "SimulationKit",
        "Streams", "TopicAdministration",
      ]),
    tests("Flow", "CatalogueView", ["CatalogueView", "EventLog", "EventLoop", "MillraceDomain"]),
    tests("Flow", "CodeArchive", ["CodeArchive", "SimulationKit"]),
    tests(
      "Flow", "Builder",
      [
        "Builder", "Catalogue", "CatalogueView", "CodeArchive", "CodeStore", "Controller", "ControllerClient",
        "ControlWire",
        "EventLog", "EventLoop", "LogContracts", "LogRecords", "MillraceDomain", "PythonSandbox", "RealServers",
        "SimulationKit",
      ]),
    tests("Flow", "PythonSandbox", ["EventLoop", "MillraceDomain", "Processes", "PythonSandbox", "SimulationKit"]),
    tests(
      "Flow", "Executor",
      [
        "Catalogue", "CodeArchive", "CodeStore", "EventLog", "EventLoop", "Executor", "LogContracts", "LogRecords",
        "MillraceDomain", "Processes",
        "PythonSandbox", "RealServers", "SimulationKit",
      ]),
    tests(
      "Flow", "Recorder",
      [
        "EventLog", "EventLoop", "LogContracts", "LogRecords", "MillraceDomain", "Postgres", "Processes", "RealServers",
        "Recorder", "SimulationKit",
      ]),
    tests(
      "Operators", "TopicAdministration",
      [
        "EventLog", "EventLoop", "LogContracts", "LogRecords", "MillraceDomain", "RealServers", "SimulationKit",
        "TopicAdministration",
      ]),
    tests(
      "Operators", "Commands",
      [
        "Catalogue", "Commands", "CommandTable", "EventLoop", "HTTPServer", "MillraceDomain", "Settings",
        "SimulationKit", "Streams",
      ]),
    tests("Platform", "Checksums", ["Checksums", "SimulationKit"]),
    tests(
      "Broker", "KafkaWire", ["Checksums", "KafkaWire", "SimulationKit"],
      exclude: ["kafka_python.py", "recorded-messages.txt"]),
    tests("Broker", "PartitionLog", ["Checksums", "KafkaWire", "PartitionLog", "RealServers", "SimulationKit"]),
    tests(
      "Broker", "EmbeddedBroker",
      [
        "CLinux", "Checksums", "EmbeddedBroker", "EventLoop", "KafkaWire", "PartitionLog", "RealServers",
        "SimulationKit", "Streams",
      ]),
    // Every client against the built `millrace broker`.
    tests(
      "EndToEnd", "BrokerClients", ["EventLoop", "Processes", "RealServers", "SimulationKit"],
      exclude: ["Clients", "Recorded"]),
    tests("House", "Tidy", ["SimulationKit"]),
    tests(
      "EndToEnd", "UserStories",
      ["EventLoop", "HTTPClient", "MillraceDomain", "Processes", "RealServers", "SimulationKit"]),
  ]
)
