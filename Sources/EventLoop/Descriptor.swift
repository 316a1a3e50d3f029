import CEddyEventLoop

/// A file descriptor with exactly one owner. It is closed when its owner releases it.
public struct Descriptor: ~Copyable {
  /// The descriptor's number, for calls that borrow it. Valid only as long as this value exists.
  public let number: Int32

  /// Whether `makeNonBlocking` changed the open file, to be undone at the end.
  private var restoresBlocking = false

  /// Takes ownership of an open descriptor.
  public init(owning number: Int32) { self.number = number }

  /// Owns a new descriptor of the open file of `number`, which stays open.
  ///
  /// With it one owns a standard stream without ever closing the process's own.
  public init(duplicating number: Int32) throws(Errno) {
    self.init(owning: try Errno.check(eddy_duplicate(number)))
  }

  /// Opens the null device: it takes everything that is written and has no input.
  public static func null() throws(Errno) -> Descriptor {
    Descriptor(owning: try Errno.check(eddy_open_null()))
  }

  deinit {
    if restoresBlocking { _ = eddy_set_nonblocking(number, false) }
    // Nothing can be done about a failure; the number is free even then.
    _ = eddy_close(number)
  }

  /// Gives up ownership: the caller must close the number returned.
  public consuming func release() -> Int32 {
    let number = number
    discard self
    return number
  }

  /// Makes reads and writes return instead of waiting.
  ///
  /// O_NONBLOCK is a property of the open file, which a standard stream shares with the shell and every
  /// other process that inherited it. So the mode is restored when the descriptor is closed, by the
  /// descriptor that changed it.
  public mutating func makeNonBlocking() throws(Errno) {
    let was = try Errno.check(eddy_set_nonblocking(number, true))
    if was == 0 { restoresBlocking = true }
  }

  /// Reads at most `buffer.count` bytes. Returns how many, 0 at the end of input, nil if a non-blocking
  /// descriptor has none yet.
  public borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int? {
    guard let base = buffer.baseAddress else { return 0 }
    return try Self.unlessBlocked(eddy_read(number, base, buffer.count))
  }

  /// Writes some of `bytes`. Returns how many, nil if a non-blocking descriptor takes none now.
  public borrowing func write(_ bytes: UnsafeRawBufferPointer) throws(Errno) -> Int? {
    guard let base = bytes.baseAddress else { return 0 }
    return try Self.unlessBlocked(eddy_write(number, base, bytes.count))
  }

  /// Writes all of `bytes` to a blocking descriptor.
  public borrowing func writeAll(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
    var rest = bytes
    while !rest.isEmpty {
      guard let count = try write(rest) else { throw .wouldBlock }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }

  /// Writes `text` as UTF-8 to a blocking descriptor.
  public borrowing func writeAll(_ text: String) throws(Errno) {
    try text.utf8Span.span.bytes.withUnsafeBytes { (bytes) throws(Errno) in try writeAll(bytes) }
  }

  private static func unlessBlocked(_ result: Int64) throws(Errno) -> Int? {
    if result == -Int64(EDDY_EAGAIN) { return nil }
    return Int(try Errno.check(result))
  }
}

/// The two ends of a pipe: what is written to one is read from the other.
///
/// Both ends block at first. The mode belongs to each end alone: making one non-blocking does not change
/// it for a process that inherits the other.
@frozen public struct Pipe: ~Copyable {
  /// Reads what the other end writes. Input ends once every writer has closed its end.
  public var readEnd: Descriptor
  /// Writes to the other end. Fails with ``Errno/brokenPipe`` once every reader has closed its end.
  public var writeEnd: Descriptor

  /// Opens a pipe.
  public init() throws(Errno) {
    var (read, write): (Int32, Int32) = (-1, -1)
    try Errno.check(eddy_pipe(&read, &write))
    readEnd = Descriptor(owning: read)
    writeEnd = Descriptor(owning: write)
  }
}
