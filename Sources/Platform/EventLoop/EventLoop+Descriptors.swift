internal import CLinux
internal import Glibc

/// What the kernel says of a descriptor. Edge-triggered and only a hint: read or write until `EAGAIN`.
package struct Readiness: OptionSet, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }
  /// There is something to read, or the peer has finished sending.
  package static let readable = Readiness(
    rawValue: EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue)
  /// The peer has finished sending, or is gone: what it has sent before can still be read.
  package static let hungUp = Readiness(rawValue: EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue)
  /// There is room to write, or writing would fail at once.
  package static let writable = Readiness(rawValue: EPOLLOUT.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue)

  /// Whether any of the given conditions holds.
  package func contains(anyOf other: Readiness) -> Bool { rawValue & other.rawValue != 0 }
}

/// How a descriptor is watched.
package enum Watching: Sendable {
  /// Edge-triggered, for reading and writing: sockets and pipes.
  case readAndWrite
  /// Edge-triggered, for reading: eventfds, pidfds, signalfds, pipes read from.
  case read
  /// Level-triggered, for reading: listeners, where what is not accepted now must be reported again.
  case readLevel
  /// Level-triggered, for writing: for libraries that write only once when told.
  case writeLevel
  /// Level-triggered, both ways: for libraries that read or write only once when told.
  case readAndWriteLevel

  var events: UInt32 {
    switch self {
    case .readAndWrite: EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
    case .read: EPOLLIN.rawValue | EPOLLET.rawValue
    case .readLevel: EPOLLIN.rawValue
    case .writeLevel: EPOLLOUT.rawValue
    case .readAndWriteLevel: EPOLLIN.rawValue | EPOLLOUT.rawValue
    }
  }
}

/// A descriptor in the loop's set. The owner removes it with ``EventLoop/unwatch(_:)`` before closing the descriptor.
package final class Registration {
  /// The descriptor, which stays the owner's to close.
  package let descriptor: Int32
  let generation: UInt32
  let ready: (Readiness) -> Void
  var isWatched = true

  init(descriptor: Int32, generation: UInt32, ready: @escaping (Readiness) -> Void) {
    self.descriptor = descriptor
    self.generation = generation
    self.ready = ready
  }
}

extension EventLoop {
  static let wakeMark = UInt64.max

  /// Watches a descriptor and calls `ready` on the loop whenever the kernel reports a change.
  ///
  /// - Throws: ``EventLoopError`` where the kernel refuses to watch it (a regular file, too many watches).
  package func watch(
    _ descriptor: Int32, _ watching: Watching, ready: @escaping (Readiness) -> Void
  ) throws(EventLoopError) -> Registration {
    precondition(isCurrent)
    precondition(descriptor >= 0)
    lastGeneration &+= 1
    let registration = Registration(descriptor: descriptor, generation: lastGeneration, ready: ready)
    // The generation tells an event for this owner from a stale one for a closed descriptor of the same number.
    let mark = UInt64(registration.generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
    var event = unsafe epoll_event(events: watching.events, data: epoll_data(u64: mark))
    guard unsafe epoll_ctl(epollDescriptor, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
      throw EventLoopError(.notWatchable, call: "epoll_ctl")
    }
    let index = Int(descriptor)
    while registrations.count <= index { registrations.append(nil) }
    precondition(registrations[index] == nil, "descriptor \(descriptor) is watched already")
    registrations[index] = registration
    return registration
  }

  /// Stops watching. `ready` is not called again, not even for events already fetched. Harmless when repeated.
  package func unwatch(_ registration: Registration) {
    precondition(isCurrent)
    guard registration.isWatched else { return }
    registration.isWatched = false
    registrations[Int(registration.descriptor)] = nil
    var event = unsafe epoll_event()
    let removed = unsafe epoll_ctl(epollDescriptor, EPOLL_CTL_DEL, registration.descriptor, &event)
    precondition(removed == 0 || errno == EBADF || errno == ENOENT, "epoll_ctl refused to forget a descriptor")
  }

  func deliver(_ event: epoll_event) {
    let mark = unsafe event.data.u64
    guard mark != EventLoop.wakeMark else { return drainWakeDescriptor() }
    let index = Int(mark & 0xffff_ffff)
    guard index < registrations.count, let registration = registrations[index],
      registration.generation == UInt32(mark >> 32)
    else { return }
    registration.ready(Readiness(rawValue: unsafe event.events))
  }
}
