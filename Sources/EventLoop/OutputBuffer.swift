/// Bytes on their way to a descriptor that takes them when it can.
public struct OutputBuffer {
  /// What is kept of the storage once all has been written; a burst's is given back.
  private static let retainedCapacity = 256 << 10

  /// The bytes written already, which are the first `written`, and those queued.
  private var bytes: [UInt8] = []
  private var written = 0

  /// An empty buffer.
  public init() {}

  /// The number of bytes queued.
  public var count: Int { bytes.count - written }

  /// Whether nothing is queued.
  public var isEmpty: Bool { count == 0 }

  /// How much memory is held, for tests.
  package var capacity: Int { bytes.capacity }

  /// Queues a copy of `new`.
  public mutating func append(_ new: UnsafeRawBufferPointer) {
    // Moving what is queued over what is written, only when the latter is more, copies each
    // byte less than once, and keeps the storage below twice what is queued.
    if written > count {
      bytes.removeSubrange(..<written)
      written = 0
    }
    bytes.append(contentsOf: new)
  }

  /// Offers all that is queued to `write`, once, which returns how much it took, nil if it
  /// could take nothing now. Returns the same.
  ///
  /// One attempt only: a short write says that the next would block, and a fast reader must
  /// not hold the loop.
  @discardableResult
  public mutating func flush(
    _ write: (UnsafeRawBufferPointer) throws(Errno) -> Int?
  ) throws(Errno) -> Int? {
    let count = try bytes.span.bytes.extracting(written...).withUnsafeBytes(write)
    written += count ?? 0
    if isEmpty { removeAll() }
    return count
  }

  /// Drops what is queued.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: bytes.capacity <= Self.retainedCapacity)
    written = 0
  }
}
