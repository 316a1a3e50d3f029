/// A queue of bytes for a descriptor that takes only some of them at a time.
public struct ByteQueue {
  /// The capacity, in bytes, up to which storage is kept when the queue is empty. A larger one, of a burst,
  /// is released.
  private static let retainedCapacity = 256 << 10

  /// The first `written` of these bytes have been written; the others are queued.
  private var bytes: [UInt8] = []
  private var written = 0

  /// An empty buffer.
  public init() {}

  /// The number of bytes queued.
  public var count: Int { bytes.count - written }

  /// Whether nothing is queued.
  public var isEmpty: Bool { count == 0 }

  /// The capacity of the storage in bytes. For tests.
  package var capacity: Int { bytes.capacity }

  /// Queues a copy of `new`.
  public mutating func append(_ new: UnsafeRawBufferPointer) {
    // Queued bytes are moved over written ones only when the latter are more. So each byte is copied less
    // than once on average, and the storage stays below twice what is queued.
    if written > count {
      bytes.removeSubrange(..<written)
      written = 0
    }
    bytes.append(contentsOf: new)
  }

  /// Passes all that is queued to `write`, once. It returns how many bytes it has written, nil if it can
  /// write none now. Returns the same.
  ///
  /// One attempt only: after a short write the next one would block, and a fast reader must not occupy the
  /// loop.
  @discardableResult
  public mutating func flush(
    _ write: (UnsafeRawBufferPointer) throws(Errno) -> Int?
  ) throws(Errno) -> Int? {
    let count = try bytes.span.bytes.extracting(written...).withUnsafeBytes(write)
    written += count ?? 0
    if isEmpty { removeAll() }
    return count
  }

  /// Removes what is queued.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: bytes.capacity <= Self.retainedCapacity)
    written = 0
  }
}
