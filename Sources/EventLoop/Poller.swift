import CEddyEventLoop

/// What a descriptor is ready for, and what a source wants it to be ready for.
public struct Readiness: OptionSet, Hashable, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// A read returns at once: with bytes, with the end of input, or with an error.
  public static let readable = Readiness(rawValue: EDDY_READABLE)
  /// A write returns at once: having taken bytes, or with an error.
  public static let writable = Readiness(rawValue: EDDY_WRITABLE)

  /// A hang-up or an error comes without either bit, but the next read or write is what
  /// tells about it: both count as ready.
  init(_ event: eddy_event) {
    let isOver = event.readiness & (EDDY_HANG_UP | EDDY_ERROR) != 0
    self = isOver ? [.readable, .writable] : Readiness(rawValue: event.readiness)
  }
}

/// An epoll instance: level-triggered, and with no opinion about what its tokens mean.
struct Poller: ~Copyable {
  private let epoll: Descriptor
  private let events: UnsafeMutablePointer<eddy_event>

  init() throws(Errno) {
    epoll = Descriptor(owning: try Errno.check(eddy_epoll_create()))
    events = .allocate(capacity: Int(EDDY_MAXIMUM_EVENTS))
  }

  deinit { events.deallocate() }

  /// Watches `descriptor`. Throws `Errno.notPermitted` for a file that is always ready.
  func add(_ descriptor: Int32, _ interest: Readiness, token: UInt64) throws(Errno) {
    try Errno.check(eddy_epoll_add(epoll.number, descriptor, interest.rawValue, token))
  }

  func modify(_ descriptor: Int32, _ interest: Readiness, token: UInt64) throws(Errno) {
    try Errno.check(eddy_epoll_modify(epoll.number, descriptor, interest.rawValue, token))
  }

  func remove(_ descriptor: Int32) throws(Errno) {
    try Errno.check(eddy_epoll_remove(epoll.number, descriptor))
  }

  /// Waits at most `milliseconds`, for ever if negative. The events are good until the next
  /// wait; there are none after a timeout or a signal. What does not fit the buffer is still
  /// ready at the next wait, so that no descriptor starves.
  func wait(milliseconds: Int32) throws(Errno) -> UnsafeBufferPointer<eddy_event> {
    let count = try Errno.check(eddy_epoll_wait(epoll.number, events, milliseconds))
    return UnsafeBufferPointer(start: events, count: Int(count))
  }
}
