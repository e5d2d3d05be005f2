internal import CYaml

/// The events of one document as libyaml tells them.
///
/// `@safe`: the parser and the text it reads are allocated in init, freed in deinit, and never leave; the class is used by
/// one owner at a time and is not Sendable.
@safe final class YAMLEvents {
  /// One event and where it begins.
  struct Event {
    enum Kind: Equatable {
      case streamStart, streamEnd, documentStart, documentEnd, sequenceStart, sequenceEnd, mappingStart, mappingEnd
      case scalar(String, isPlain: Bool)
      case alias
      case tagged(String)
    }
    let kind: Kind
    let line: Int
    let column: Int

    func error(_ code: YAMLError.Code, _ message: String) -> YAMLError {
      YAMLError(code: code, message: message, line: line, column: column)
    }
  }

  private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
  private let text: UnsafeMutableBufferPointer<UInt8>

  init(_ bytes: [UInt8]) {
    unsafe text = .allocate(capacity: bytes.count)
    _ = unsafe text.initialize(from: bytes)
    let made = unsafe yaml_parser_initialize(parser)
    precondition(made == 1, "libyaml is out of memory")
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe text.deallocate()
  }

  /// The next event.
  func next() throws(YAMLError) -> Event {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { unsafe yaml_event_delete(&event) }
    let mark = unsafe event.start_mark
    return Event(kind: unsafe YAMLEvents.kind(of: event), line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  private func failure() -> YAMLError {
    let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "it is not YAML"
    let mark = unsafe parser.pointee.problem_mark
    return YAMLError(code: .syntax, message: problem, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  private static func kind(of event: yaml_event_t) -> Event.Kind {
    switch unsafe event.type {
    case YAML_STREAM_START_EVENT: return .streamStart
    case YAML_STREAM_END_EVENT: return .streamEnd
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    case YAML_ALIAS_EVENT: return .alias
    case YAML_SEQUENCE_START_EVENT:
      return unsafe event.data.sequence_start.tag == nil ? .sequenceStart : tagged(event.data.sequence_start.tag)
    case YAML_MAPPING_START_EVENT:
      return unsafe event.data.mapping_start.tag == nil ? .mappingStart : tagged(event.data.mapping_start.tag)
    case YAML_SCALAR_EVENT: return unsafe scalar(event.data.scalar)
    default: return .tagged("of an unknown kind")
    }
  }

  private static func scalar(_ scalar: yaml_event_t.__Unnamed_union_data.__Unnamed_struct_scalar) -> Event.Kind {
    let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
    let text = unsafe String(decoding: bytes, as: UTF8.self)
    guard let tag = unsafe scalar.tag else {
      return .scalar(text, isPlain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE)
    }
    // `!!str` and `!` say "text", which is what quoting says.
    let name = unsafe String(cString: tag)
    return name == "tag:yaml.org,2002:str" || name == "!" ? .scalar(text, isPlain: false) : .tagged(name)
  }

  private static func tagged(_ tag: UnsafeMutablePointer<yaml_char_t>?) -> Event.Kind {
    .tagged(unsafe tag.map { unsafe String(cString: $0) } ?? "")
  }
}
