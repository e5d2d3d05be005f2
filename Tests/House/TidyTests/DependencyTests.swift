import Testing

/// The rules of dependency: who may import whom.
@Suite struct DependencyTests {
  static let stages: Set<String> = ["Gateway", "Builder", "Executor", "Recorder"]
  /// Each C library and the one module that sees it. CLinux is the operating system, which every adapter may see.
  static let adapters: [String: Set<String>] = [
    "CRdKafka": ["EventLog"], "CLibPQ": ["Postgres"], "CCurl": ["HTTPClient"], "COpenSSL": ["Security"],
    "CZip": ["CodeArchive"], "CYaml": ["YAML"], "CSandbox": ["PythonSandbox"], "CProcesses": ["Processes"],
  ]
  static let pureModules: Set<String> = ["Catalogue", "RaftCore"]
  /// What pure code may know: the language, our words, and pure modules.
  static let pureImports: Set<String> = [
    "MillraceDomain", "LogContracts", "LogRecords", "Catalogue", "ControlWire", "CommandTable", "YAML", "KafkaWire",
  ]

  @Test func stagesMeetInTopicsAlone() {
    for file in SourceTree.sources where file.floor == "Flow" && Self.stages.contains(file.module) {
      for (_, module) in file.imports where Self.stages.contains(module) {
        #expect(module == file.module, "\(file.path) imports the stage \(module)")
      }
    }
  }

  @Test func onlyItsAdapterSeesACLibrary() {
    for file in SourceTree.sources {
      for (access, module) in file.imports {
        guard let owners = Self.adapters[module] else { continue }
        #expect(owners.contains(file.module), "\(file.path) imports \(module)")
        #expect(access == "internal", "\(file.path): import \(module) as internal")
      }
    }
  }

  @Test func decisionsArePure() {
    var checked = 0
    for file in SourceTree.sources where file.name.hasSuffix("Rules.swift") || Self.pureModules.contains(file.module) {
      checked += 1
      for (_, module) in file.imports {
        #expect(Self.pureImports.contains(module), "\(file.path) imports \(module): decisions know no effects")
      }
      for word in ["async ", "await ", "Date()", ".current()", "SystemRandomNumberGenerator"] {
        for (number, line) in file.lines.enumerated() where !line.trimmedIsComment && line.contains(word) {
          Issue.record("\(file.path):\(number + 1) says '\(word)': time and randomness are inputs")
        }
      }
    }
    #expect(checked >= 6)
  }

  @Test func platformKnowsNothingOfMillrace() {
    let above: Set<String> = Set(
      SourceTree.sources.filter { $0.floor != "Platform" && $0.floor != "CLibraries" }.map(\.module))
    for file in SourceTree.sources where file.floor == "Platform" {
      for (_, module) in file.imports { #expect(!above.contains(module), "\(file.path) imports \(module)") }
    }
  }

  @Test func onlyProgramsNameStages() {
    for file in SourceTree.sources where file.floor != "Programs" && file.floor != "Flow" {
      for (_, module) in file.imports { #expect(!Self.stages.contains(module), "\(file.path) imports \(module)") }
    }
  }
}

extension String {
  var trimmedIsComment: Bool { drop { $0 == " " }.hasPrefix("//") }
}
