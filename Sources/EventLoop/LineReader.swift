import CEddyEventLoop

/// Splits a stream of bytes into lines, in place: a line is a slice of the bytes read.
///
/// A line ends in a newline, which is not part of it; a carriage return before that is. A
/// line longer than the maximum is dropped as it comes, so that memory stays bounded.
public struct LineReader: ~Copyable {
  /// One line.
  public enum Line {
    /// A whole line. The bytes are good until the reader is next asked to fill.
    case complete(UnsafeRawBufferPointer)
    /// A line of this many bytes, more than the maximum, which were dropped.
    case overlong(length: Int)
  }

  /// 64 MiB: far above any message, far below any machine.
  public static let defaultMaximumLength = 64 << 20

  /// The least room offered to a read: large enough that a call costs little beside its
  /// bytes, small enough to stay in the processor's cache.
  private static let readSize = 64 << 10

  private let maximumLength: Int
  private var buffer: UnsafeMutableRawBufferPointer
  /// The bytes not handed out are `start..<end`; those before `scanned` hold no newline.
  private var start = 0
  private var scanned = 0
  private var end = 0
  /// How much was dropped of an overlong line whose end has not come.
  private var dropped = 0

  /// A reader that drops lines of more than `maximumLength` bytes.
  public init(maximumLength: Int = Self.defaultMaximumLength) {
    precondition(maximumLength >= 0, "a length is not negative")
    self.maximumLength = maximumLength
    buffer = .allocate(byteCount: 2 * Self.readSize, alignment: 1)
  }

  deinit { buffer.deallocate() }

  /// How much memory is held, for tests.
  package var capacity: Int { buffer.count }

  /// Lets `read` fill free room and say how much it filled; hands on what `read` returned.
  ///
  /// - Complexity: O(bytes read), amortised, whatever the length of lines.
  public mutating func fill(
    _ read: (UnsafeMutableRawBufferPointer) throws(Errno) -> Int?
  ) throws(Errno) -> Int? {
    makeRoom()
    let count = try read(UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
    end += count ?? 0
    return count
  }

  /// The next line that has ended, nil when more bytes are needed.
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

  /// What is left when no more bytes will come: a last line without a newline, nil if none.
  public mutating func finish() -> Line? {
    end == start && dropped == 0 ? nil : take(upTo: end, skipping: 0)
  }

  /// A copy of what has come of a line whose end has not, at most `count` bytes of it.
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

  /// Makes at least `readSize` bytes free behind `end`, and gives a burst's memory back.
  private mutating func makeRoom() {
    if start == end { (start, scanned, end) = (0, 0, 0) }
    let used = end - start
    let isOversized = buffer.count > 2 * Self.readSize && used <= buffer.count / 8
    if buffer.count - end >= Self.readSize && !isOversized { return }
    if buffer.count - used >= Self.readSize && !isOversized {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
    } else {
      // Twice what is used: each byte of a long line is copied a bounded number of times.
      let larger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 2 * max(used, Self.readSize), alignment: 1)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
      buffer.deallocate()
      buffer = larger
    }
    (start, scanned, end) = (0, scanned - start, used)
  }
}
