/// The file of a node's disk: a header, at most one snapshot, and records.
///
/// This type holds the format and no file. Integers are written with the least significant byte first.
///
///     header   "EDDYLOG1", generation (8 bytes), CRC-32C of both (4)
///     entry    length (4), kind (4), CRC-32C of the bytes (4), CRC-32C of the entry's place and the fields
///              before (4), the bytes
///
/// A snapshot replaces the file: a new one with the next generation is written beside it, made durable, and renamed.
/// So a file has a snapshot only as its first entry, and needs no other file.
///
/// **Reading.** A write that was interrupted leaves an entry that is not whole at the end: it was never durable, and
/// is cut. A damaged entry with a whole one anywhere after it is an error in words: what was durable has changed, and
/// what it said is unknown. The checksum of an entry's fields covers its generation and its offset, so that the bytes
/// of another log within a record, or an old block of the device, are never taken for an entry.
///
/// Two cases cannot be told apart from the file. Damage in the very last entry is cut, as an interrupted write. And
/// an interrupted write of which a later part has reached the device, but not an earlier one, is an error: file
/// systems extend a file only after its bytes are written, so it should not occur.
public struct RecordLog: Sendable {
  /// The number of this file among those of its directory.
  public let generation: UInt64
  /// The length of the file in bytes: the offset of the next entry.
  public private(set) var length: Int

  /// The length of a file's header in bytes.
  public static let headerLength = 20
  /// The length in bytes of what an entry has before its bytes.
  public static let entryHeaderLength = 16

  private static let magic = Array("EDDYLOG1".utf8)

  fileprivate enum Kind: UInt32 {
    case record = 1
    case snapshot = 2
  }

  fileprivate init(generation: UInt64, length: Int) {
    self.generation = generation
    self.length = length
  }

  /// Begins a file: writes its header, its snapshot if there is one, and its first records to `file`, which must be
  /// empty.
  public init(
    generation: UInt64, snapshot: [UInt8]? = nil, records: [[UInt8]] = [], to file: inout [UInt8]
  ) {
    precondition(file.isEmpty, "a log begins at the beginning of its file")
    self.init(generation: generation, length: Self.headerLength)
    file += Self.magic
    file.append(littleEndian: generation)
    file.append(littleEndian: Self.headerChecksum(generation))
    if let snapshot { append(.snapshot, snapshot, to: &file) }
    for record in records { append(record, to: &file) }
  }

  /// Appends a record's entry to `bytes`, which follow the file's present end. O(length of the record).
  public mutating func append(_ record: [UInt8], to bytes: inout [UInt8]) {
    append(.record, record, to: &bytes)
  }

  private mutating func append(_ kind: Kind, _ content: [UInt8], to bytes: inout [UInt8]) {
    precondition(content.count <= Int(UInt32.max), "a record has less than 4 GiB")
    let header = EntryHeader(kind, of: content)
    bytes.append(littleEndian: header.length)
    bytes.append(littleEndian: header.kind)
    bytes.append(littleEndian: header.contentChecksum)
    bytes.append(littleEndian: header.checksum(at: length, generation))
    bytes += content
    length += Self.entryHeaderLength + content.count
  }

  private static func headerChecksum(_ generation: UInt64) -> UInt32 {
    var checksum = CRC32C()
    magic.withUnsafeBytes { checksum.add($0) }
    checksum.add(generation)
    return checksum.value
  }
}

/// What an entry has before its bytes.
private struct EntryHeader {
  let length: UInt32
  let kind: UInt32
  let contentChecksum: UInt32

  init(_ kind: RecordLog.Kind, of content: [UInt8]) {
    length = UInt32(content.count)
    self.kind = kind.rawValue
    contentChecksum = content.withUnsafeBytes(Self.checksum)
  }

  init(length: UInt32, kind: UInt32, contentChecksum: UInt32) {
    self.length = length
    self.kind = kind
    self.contentChecksum = contentChecksum
  }

  static func checksum(_ content: UnsafeRawBufferPointer) -> UInt32 {
    var checksum = CRC32C()
    checksum.add(content)
    return checksum.value
  }

  func checksum(at offset: Int, _ generation: UInt64) -> UInt32 {
    var checksum = CRC32C()
    checksum.add(generation)
    checksum.add(UInt64(offset))
    checksum.add(length)
    checksum.add(kind)
    checksum.add(contentChecksum)
    return checksum.value
  }
}

// MARK: - Reading

extension RecordLog {
  /// Why a file cannot be read as a log, in words.
  public struct Damage: Error, Hashable, Sendable, CustomStringConvertible {
    /// A clause without a full stop.
    public let description: String
  }

  /// What a file holds.
  public struct Contents: Sendable {
    /// The snapshot and the records.
    public let recovered: RecoveredStorage
    /// The log, at the end of its last whole entry: what follows in the file must be cut off.
    public let log: RecordLog
    /// The number of bytes to cut off at the end of the file, the rest of an interrupted write.
    public let tornBytes: Int
  }

  /// Reads a whole file. Throws if it has no valid header, or if it is damaged before its last whole entry.
  ///
  /// - Complexity: O(length of the file).
  public static func read(_ file: UnsafeRawBufferPointer) throws(Damage) -> Contents {
    let generation = try readHeader(file)
    var recovered = RecoveredStorage()
    var offset = headerLength
    while let (kind, content) = entry(at: offset, of: file, generation) {
      if kind == .snapshot {
        guard offset == headerLength else {
          throw Damage(description: "it has a snapshot at byte \(offset), behind other entries")
        }
        recovered.snapshot = Array(file[content])
      } else {
        recovered.records.append(Array(file[content]))
      }
      offset = content.upperBound
    }
    if let next = firstEntry(after: offset, of: file, generation) {
      throw Damage(
        description:
          "the entry at byte \(offset) is damaged, and an entry at byte \(next) follows that is whole")
    }
    return Contents(
      recovered: recovered, log: RecordLog(generation: generation, length: offset),
      tornBytes: file.count - offset)
  }

  /// Reads a whole file.
  public static func read(_ file: [UInt8]) throws(Damage) -> Contents {
    try file.span.bytes.withUnsafeBytes { (bytes) throws(Damage) in try read(bytes) }
  }

  private static func readHeader(_ file: UnsafeRawBufferPointer) throws(Damage) -> UInt64 {
    guard !file.isEmpty else { throw Damage(description: "it is empty") }
    guard file.prefix(magic.count).elementsEqual(magic) else {
      throw Damage(description: "it does not begin with \(String(decoding: magic, as: UTF8.self))")
    }
    guard file.count >= headerLength else { throw Damage(description: "its header is cut off") }
    let generation = file.littleEndian(at: magic.count, as: UInt64.self)
    guard file.littleEndian(at: magic.count + 8, as: UInt32.self) == headerChecksum(generation) else {
      throw Damage(description: "the checksum of its header is wrong")
    }
    return generation
  }

  /// The entry at `offset`: its kind, and where its bytes are; nil if there is no whole entry.
  private static func entry(
    at offset: Int, of file: UnsafeRawBufferPointer, _ generation: UInt64
  ) -> (Kind, Range<Int>)? {
    guard file.count - offset >= entryHeaderLength else { return nil }
    let header = EntryHeader(
      length: file.littleEndian(at: offset, as: UInt32.self),
      kind: file.littleEndian(at: offset + 4, as: UInt32.self),
      contentChecksum: file.littleEndian(at: offset + 8, as: UInt32.self))
    let start = offset + entryHeaderLength
    guard let kind = Kind(rawValue: header.kind), Int(header.length) <= file.count - start,
      file.littleEndian(at: offset + 12, as: UInt32.self) == header.checksum(at: offset, generation)
    else { return nil }
    let content = start..<start + Int(header.length)
    let checksum = EntryHeader.checksum(UnsafeRawBufferPointer(rebasing: file[content]))
    return checksum == header.contentChecksum ? (kind, content) : nil
  }

  /// The offset of the first whole entry after `offset`; nil if there is none. The length of a damaged entry is
  /// unknown, so every offset is tried.
  private static func firstEntry(
    after offset: Int, of file: UnsafeRawBufferPointer, _ generation: UInt64
  ) -> Int? {
    guard offset < file.count else { return nil }
    return (offset + 1..<file.count).first { entry(at: $0, of: file, generation) != nil }
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func littleEndian<Integer: FixedWidthInteger>(at offset: Int, as type: Integer.Type) -> Integer
  {
    Integer(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
  }
}

extension [UInt8] {
  fileprivate mutating func append<Integer: FixedWidthInteger>(littleEndian integer: Integer) {
    Swift.withUnsafeBytes(of: integer.littleEndian) { append(contentsOf: $0) }
  }
}
