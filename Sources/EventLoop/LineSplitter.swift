import CEddyEventLoop

/// Splits a stream of bytes into lines, in place: a line is a slice of the bytes read.
///
/// A line ends in a newline, which is not part of it; a carriage return before the newline is. A line
/// longer than the maximum is dropped while it is read, so that memory stays bounded.
public struct LineSplitter: ~Copyable {
  /// One line.
  public enum Line {
    /// A whole line. The bytes are valid until the next ``LineSplitter/fill(_:)``.
    case complete(UnsafeRawBufferPointer)
    /// A line that was dropped, as its length in bytes is above the maximum.
    case overlong(length: Int)
  }

  /// 64 MiB: far above the length of any message, far below the memory of any machine.
  public static let defaultMaximumLength = 64 << 20

  /// The minimum free room for a read, in bytes (64 KiB): large enough that the call costs little compared
  /// with its bytes, small enough to stay in the processor's cache.
  private static let readSize = 64 << 10

  private let maximumLength: Int
  private var buffer: UnsafeMutableRawBufferPointer
  /// The bytes not yet returned are `start..<end`. Those before `scanned` contain no newline.
  private var start = 0
  private var scanned = 0
  private var end = 0
  /// How many bytes were dropped of an overlong line whose end has not come.
  private var dropped = 0

  /// A splitter that drops lines of more than `maximumLength` bytes.
  public init(maximumLength: Int = Self.defaultMaximumLength) {
    precondition(maximumLength >= 0, "a maximum length must not be negative")
    self.maximumLength = maximumLength
    buffer = .allocate(byteCount: 2 * Self.readSize, alignment: 1)
  }

  deinit { buffer.deallocate() }

  /// The size of the buffer in bytes. For tests.
  package var capacity: Int { buffer.count }

  /// Calls `read` with free room. It returns how many bytes it has filled, nil if none are available yet.
  /// Returns the same.
  ///
  /// - Complexity: O(bytes read), amortized, for lines of any length.
  public mutating func fill(
    _ read: (UnsafeMutableRawBufferPointer) throws(Errno) -> Int?
  ) throws(Errno) -> Int? {
    makeRoom()
    let count = try read(UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
    end += count ?? 0
    return count
  }

  /// The next complete line, nil if more bytes are needed.
  ///
  /// - Complexity: O(length of the line): no byte is scanned twice.
  public mutating func next() -> Line? {
    let unscanned = UnsafeRawBufferPointer(rebasing: buffer[scanned..<end])
    guard let base = unscanned.baseAddress, let newline = eddy_find(base, 0x0A, unscanned.count) else {
      scanned = end
      if dropped + (end - start) > maximumLength { dropUnfinishedLine() }
      return nil
    }
    let lineEnd = scanned + (newline - base)
    return take(upTo: lineEnd, skipping: 1)
  }

  /// The last line, which has no newline, once no more bytes will come; nil if there is none.
  public mutating func finish() -> Line? {
    end == start && dropped == 0 ? nil : take(upTo: end, skipping: 0)
  }

  /// The length of the incomplete line so far, in bytes.
  public var unfinishedCount: Int { dropped + (end - start) }

  /// A copy of the incomplete line, at most its first `count` bytes.
  public func unfinishedLine(atMost count: Int) -> [UInt8] { Array(buffer[start..<end].prefix(count)) }

  private mutating func take(upTo lineEnd: Int, skipping newline: Int) -> Line {
    let line = start..<lineEnd
    let length = dropped + line.count
    start = lineEnd + newline
    scanned = start
    dropped = 0
    if length > maximumLength { return .overlong(length: length) }
    return .complete(UnsafeRawBufferPointer(rebasing: buffer[line]))
  }

  private mutating func dropUnfinishedLine() {
    dropped += end - start
    (start, scanned, end) = (0, 0, 0)
  }

  /// Makes at least `readSize` bytes free behind `end`, and releases the memory of a burst.
  private mutating func makeRoom() {
    if start == end { (start, scanned, end) = (0, 0, 0) }
    let used = end - start
    let isOversized = buffer.count > 2 * Self.readSize && used <= buffer.count / 8
    if buffer.count - end >= Self.readSize && !isOversized { return }
    if buffer.count - used >= Self.readSize && !isOversized {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
    } else {
      // Twice what is used, so that the bytes of a long line are copied a constant number of times each,
      // amortized.
      let larger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 2 * max(used, Self.readSize), alignment: 1)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
      buffer.deallocate()
      buffer = larger
    }
    (start, scanned, end) = (0, scanned - start, used)
  }
}
