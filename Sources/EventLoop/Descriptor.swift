import CEddyEventLoop

/// A file descriptor with exactly one owner, closed when its owner lets go of it.
public struct Descriptor: ~Copyable {
  /// The descriptor's number, for calls that borrow it. Not valid beyond this value's life.
  public let number: Int32

  /// Whether `makeNonBlocking` changed the open file, to be undone at the end.
  private var restoresBlocking = false

  /// Takes ownership of an open descriptor.
  public init(owning number: Int32) { self.number = number }

  /// Owns a new descriptor of the file that `number` has open, which stays open.
  ///
  /// The way to own a standard stream without closing it for the rest of the process.
  public init(duplicating number: Int32) throws(Errno) {
    self.init(owning: try Errno.check(eddy_duplicate(number)))
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

  /// Makes reads and writes return rather than wait.
  ///
  /// This is a property of the open file, and a standard stream's is shared with the shell
  /// and whoever else inherited it, so it is restored when the descriptor is closed.
  public mutating func makeNonBlocking() throws(Errno) {
    let was = try Errno.check(eddy_set_nonblocking(number, true))
    if was == 0 { restoresBlocking = true }
  }

  /// Reads at most `buffer.count` bytes. Returns how many, 0 at the end of input, nil when
  /// a non-blocking descriptor has none yet.
  public borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int? {
    guard let base = buffer.baseAddress else { return 0 }
    return try Self.unlessBlocked(eddy_read(number, base, buffer.count))
  }

  /// Has the next read begin `count` bytes before the file's end, or at its beginning if it is shorter.
  /// Returns the offset of that place.
  @discardableResult
  public borrowing func seek(backFromEnd count: Int) throws(Errno) -> Int {
    Int(try Errno.check(eddy_seek_back(number, Int64(count))))
  }

  /// Writes some of `bytes`. Returns how many, nil when a non-blocking descriptor takes
  /// none now.
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
/// Both block, and each end's blocking is its own: making one non-blocking does not touch
/// the process that inherits the other.
@frozen public struct Pipe: ~Copyable {
  /// Reads what the other end writes; at its end once every writer has closed.
  public var readEnd: Descriptor
  /// Writes to the other end; fails with EPIPE once every reader has closed.
  public var writeEnd: Descriptor

  /// Opens a pipe.
  public init() throws(Errno) {
    var (read, write): (Int32, Int32) = (-1, -1)
    try Errno.check(eddy_pipe(&read, &write))
    readEnd = Descriptor(owning: read)
    writeEnd = Descriptor(owning: write)
  }
}
