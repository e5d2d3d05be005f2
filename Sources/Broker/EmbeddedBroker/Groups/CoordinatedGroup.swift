internal import EventLoop

/// A group, what the log has of it, and its timer.
struct CoordinatedGroup {
  var group: Group
  /// The latest value that was appended of it; nil where the log has none.
  var record: [UInt8]?
  var timer: LoopTimer?
  /// Members and their bytes as they are counted in the coordinator's sums.
  var countedMembers = 0
  var countedBytes = 0

  init(_ group: Group, record: [UInt8]? = nil) {
    self.group = group
    self.record = record
  }

  var memberCount: Int { group.members.count + group.pending.count }
}
