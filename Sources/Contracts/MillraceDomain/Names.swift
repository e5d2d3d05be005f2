/// A text that has passed its rule. `Rule` says what the rule is, and keeps names of different things apart.
package struct Name<Rule: NameRule>: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
  /// The text as given.
  package let text: String

  /// - Throws: ``DomainError`` with `badName`, saying what the rule is.
  package init(_ text: some StringProtocol) throws(DomainError) {
    guard Rule.accepts(Array(text.utf8)) else {
      throw DomainError(.badName, "'\(text.prefix(80))' is not a \(Rule.thing): \(Rule.requirement)")
    }
    self.text = String(text)
  }

  package init(from decoder: any Decoder) throws { try self.init(decoder.singleValueContainer().decode(String.self)) }
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  package var description: String { text }
  package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

/// What a kind of name must look like.
package protocol NameRule {
  /// What is named, for messages.
  static var thing: String { get }
  /// The rule in words, for messages.
  static var requirement: String { get }
  /// Whether the text, as UTF-8, follows the rule.
  static func accepts(_ text: [UInt8]) -> Bool
}

/// The rule of function names, which is Lambda's.
package enum FunctionNameRule: NameRule {
  package static var thing: String { "function name" }
  package static var requirement: String { "1 to 64 of the characters a-z, A-Z, 0-9, '-' and '_'" }
  package static func accepts(_ text: [UInt8]) -> Bool {
    (1...64).contains(text.count) && text.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2d || $0 == 0x5f }
  }
}

/// The rule of namespace names: labels of DNS, so that they may stand in host names.
package enum NamespaceNameRule: NameRule {
  package static var thing: String { "namespace name" }
  package static var requirement: String {
    "1 to 63 of the characters a-z, 0-9 and '-', beginning with a letter and not ending with '-'"
  }
  package static func accepts(_ text: [UInt8]) -> Bool {
    guard (1...63).contains(text.count), let first = text.first, first.isASCIILetter, text.last != 0x2d else {
      return false
    }
    return text.allSatisfy { (0x61...0x7a).contains($0) || $0.isASCIIDigit || $0 == 0x2d }
  }
}

/// The rule of handlers: `module.function`, where the module may be a path of packages (`pkg/mod.handler`, `pkg.mod.handler`).
package enum HandlerNameRule: NameRule {
  package static var thing: String { "handler" }
  package static var requirement: String { "module.function, as in app.handler, at most 128 characters" }
  package static func accepts(_ text: [UInt8]) -> Bool {
    guard (3...128).contains(text.count) else { return false }
    let parts = text.split(omittingEmptySubsequences: false) { $0 == 0x2e || $0 == 0x2f }
    guard parts.count >= 2, let lastSlash = text.lastIndex(of: 0x2f) ?? .some(-1),
      text.lastIndex(of: 0x2e) ?? -1 > lastSlash
    else { return false }
    return parts.allSatisfy { part in
      guard let first = part.first, !first.isASCIIDigit else { return false }
      return part.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x5f || $0 >= 0x80 }
    }
  }
}

/// The rule of runtimes: `python3.` and one or two digits, of which the first is not 0. Which of them exist is for the executors to say.
package enum RuntimeNameRule: NameRule {
  package static var thing: String { "runtime" }
  package static var requirement: String { "python3.N, as in python3.12" }
  package static func accepts(_ text: [UInt8]) -> Bool {
    let prefix = Array("python3.".utf8)
    guard text.starts(with: prefix), (1...2).contains(text.count - prefix.count) else { return false }
    return text[prefix.count] != 0x30 && text.dropFirst(prefix.count).allSatisfy(\.isASCIIDigit)
  }
}

/// The rule of component ids (gateways, executors): what a host and a process make up.
package enum ComponentIDRule: NameRule {
  package static var thing: String { "component id" }
  package static var requirement: String { "1 to 128 of the characters a-z, A-Z, 0-9, '-', '_' and '.'" }
  package static func accepts(_ text: [UInt8]) -> Bool {
    (1...128).contains(text.count)
      && text.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x2d || $0 == 0x5f || $0 == 0x2e }
  }
}

/// A function's name within its namespace.
package typealias FunctionName = Name<FunctionNameRule>
/// A namespace: whose functions, tokens and quotas belong together.
package typealias NamespaceName = Name<NamespaceNameRule>
/// What of the code is called.
package typealias HandlerName = Name<HandlerNameRule>
/// Which interpreter runs the code.
package typealias RuntimeName = Name<RuntimeNameRule>
/// One process of a role, for as long as it runs.
package typealias ComponentID = Name<ComponentIDRule>

extension NamespaceName {
  /// The namespace there is from the start.
  package static let standard = NamespaceName(unchecked: "default")
}

extension Name {
  init(unchecked text: String) {
    precondition(Rule.accepts(Array(text.utf8)))
    self.text = text
  }
}

extension UInt8 {
  var isASCIIDigit: Bool { self &- 0x30 < 10 }
  var isASCIILetter: Bool { (self | 0x20) &- 0x61 < 26 }
}
