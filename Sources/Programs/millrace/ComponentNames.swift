import CLinux
import Glibc
import MillraceDomain
import Security
import Settings

/// The names under which this process's roles are known on the log.
enum ComponentNames {
  /// A name that the same role on the same data has again after a restart, so that its consumer group gives it its partitions
  /// back at once; a new one for each process where no data is named.
  static func stable(_ role: String, _ settings: ResolvedSettings) -> String {
    let data =
      settings.text("data.directory").map { String(Hexadecimal.text(of: SHA256.digest($0.utf8)).prefix(8)) }
      ?? "\(getpid())"
    return "\(role)-\(host())-\(data)"
  }

  /// The same, as the id of a component.
  static func id(_ role: String, _ settings: ResolvedSettings) -> ComponentID {
    guard let id = try? ComponentID(stable(role, settings)) else { preconditionFailure("the parts make an id") }
    return id
  }

  /// The host's name with what ids do not take replaced.
  private static func host() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    let isKnown = gethostname(&buffer, buffer.count - 1) == 0
    let name =
      isKnown ? String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : "host"
    return String(
      name.prefix(64).map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") ? $0 : "-" })
  }
}
