import CEddyEventLoop

/// What a descriptor is ready for, and what a source waits for.
public struct Readiness: OptionSet, Hashable, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// A read returns at once, with bytes, the end of input, or an error.
  public static let readable = Readiness(rawValue: EDDY_READABLE)
  /// A write returns at once, with bytes written or an error.
  public static let writable = Readiness(rawValue: EDDY_WRITABLE)

  /// A hang-up or an error may come without either bit. The next read or write reports it, so both count as
  /// ready.
  init(_ event: eddy_event) {
    let isOver = event.readiness & (EDDY_HANG_UP | EDDY_ERROR) != 0
    self = isOver ? [.readable, .writable] : Readiness(rawValue: event.readiness)
  }
}

/// A level-triggered epoll instance. What its tokens mean, its user decides.
struct Poller: ~Copyable {
  private let epoll: Descriptor
  private let events: UnsafeMutablePointer<eddy_event>

  init() throws(Errno) {
    epoll = Descriptor(owning: try Errno.check(eddy_epoll_create()))
    events = .allocate(capacity: Int(EDDY_MAXIMUM_EVENTS))
  }

  deinit { events.deallocate() }

  /// Registers `descriptor`. Throws ``Errno/notPermitted`` for a file that is always ready.
  func add(_ descriptor: Int32, _ interest: Readiness, token: UInt64) throws(Errno) {
    try Errno.check(eddy_epoll_add(epoll.number, descriptor, interest.rawValue, token))
  }

  func modify(_ descriptor: Int32, _ interest: Readiness, token: UInt64) throws(Errno) {
    try Errno.check(eddy_epoll_modify(epoll.number, descriptor, interest.rawValue, token))
  }

  func remove(_ descriptor: Int32) throws(Errno) {
    try Errno.check(eddy_epoll_remove(epoll.number, descriptor))
  }

  /// Waits at most `milliseconds`, without limit if negative. The events are valid until the next wait.
  /// There are none after a time-out or a signal. Events that do not fit the buffer come with the next wait:
  /// epoll reports ready descriptors in rotation, so none starves.
  func wait(milliseconds: Int32) throws(Errno) -> UnsafeBufferPointer<eddy_event> {
    let count = try Errno.check(eddy_epoll_wait(epoll.number, events, milliseconds))
    return UnsafeBufferPointer(start: events, count: Int(count))
  }
}
