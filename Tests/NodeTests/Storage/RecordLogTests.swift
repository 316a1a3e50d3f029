import Testing

@testable import EddyNode

/// The format of a node's file, cut and changed at every byte.
@Suite struct RecordLogTests {
  private static let records: [[UInt8]] = [
    Array("first".utf8), [], [UInt8](repeating: 0, count: 40), Array("the last one".utf8),
  ]

  /// A file, and where each of its entries ends; the first number is the end of the header.
  private static func file(
    snapshot: [UInt8]? = nil, _ records: [[UInt8]] = records, generation: UInt64 = 7
  ) -> (bytes: [UInt8], ends: [Int]) {
    var bytes: [UInt8] = []
    var log = RecordLog(generation: generation, snapshot: snapshot, to: &bytes)
    var ends = snapshot == nil ? [bytes.count] : [RecordLog.headerLength, bytes.count]
    for record in records {
      log.append(record, to: &bytes)
      ends.append(bytes.count)
    }
    #expect(log.length == bytes.count)
    return (bytes, ends)
  }

  private func damage(of file: [UInt8]) -> String? {
    do {
      _ = try RecordLog.read(file)
      return nil
    } catch {
      return error.description
    }
  }

  @Test(arguments: [nil, [], Array("all so far".utf8)] as [[UInt8]?])
  func whatWasWrittenIsRead(snapshot: [UInt8]?) throws {
    let (bytes, _) = Self.file(snapshot: snapshot)
    let contents = try RecordLog.read(bytes)
    #expect(contents.recovered == RecoveredStorage(snapshot: snapshot, records: Self.records))
    #expect(contents.tornBytes == 0 && contents.log.length == bytes.count && contents.log.generation == 7)
  }

  @Test func aLogThatWasReadGoesOn() throws {
    var (bytes, _) = Self.file(snapshot: [1])
    var log = try RecordLog.read(bytes).log
    log.append([9, 9], to: &bytes)
    #expect(try RecordLog.read(bytes).recovered.records == Self.records + [[9, 9]])
  }

  @Test func aTornTailIsCutAtEveryByte() throws {
    let (bytes, ends) = Self.file(snapshot: [1, 2, 3])
    for length in RecordLog.headerLength..<bytes.count {
      let contents = try RecordLog.read(Array(bytes[..<length]))
      let whole = ends.last { $0 <= length }!
      #expect(contents.log.length == whole && contents.tornBytes == length - whole)
      // The snapshot is the first entry.
      let records = max(0, ends.firstIndex(of: whole)! - 1)
      #expect(contents.recovered.records == Array(Self.records.prefix(records)))
    }
  }

  @Test func aTailOfZeroesOrNoiseIsCut() throws {
    let (bytes, ends) = Self.file()
    var random = SeededGenerator(seed: 2)
    for length in ends[3]...bytes.count {
      let noise = (0..<64).map { _ in UInt8(random.below(256)) }
      for tail in [[UInt8](repeating: 0, count: 64), noise] {
        let contents = try RecordLog.read(bytes[..<length] + tail)
        let count = length == bytes.count ? 4 : 3
        #expect(contents.recovered.records == Array(Self.records.prefix(count)))
      }
    }
  }

  @Test func aByteThatIsFlippedInTheMiddleIsAnErrorAtEveryByte() throws {
    let (bytes, ends) = Self.file(snapshot: [1, 2, 3])
    for offset in RecordLog.headerLength..<ends[ends.count - 2] {
      for bits: UInt8 in [0x01, 0x80, 0xFF] {
        var changed = bytes
        changed[offset] ^= bits
        let start = ends.last { $0 <= offset }!
        let next = ends.first { $0 > offset }!
        #expect(
          damage(of: changed)
            == "the entry at byte \(start) is damaged, and an entry at byte \(next) follows that is whole")
      }
    }
  }

  @Test func aByteThatIsFlippedInTheLastEntryIsCutAsATornOne() throws {
    let (bytes, ends) = Self.file()
    for offset in ends[3]..<bytes.count {
      var changed = bytes
      changed[offset] ^= 0x10
      #expect(try RecordLog.read(changed).recovered.records == Array(Self.records.dropLast()))
    }
  }

  @Test func bytesThatAreMissingInTheMiddleAreAnError() throws {
    let (bytes, ends) = Self.file()
    // A whole entry is missing: the rest is whole, but not in its place.
    let shortened = Array(bytes[..<ends[1]]) + Array(bytes[ends[2]...])
    #expect(try RecordLog.read(shortened).recovered.records == [Self.records[0]])
    // Zeroes in place of an entry, as from a block that was never written.
    var changed = bytes
    for offset in ends[0]..<ends[1] { changed[offset] = 0 }
    #expect(damage(of: changed)?.contains("is damaged, and an entry at byte \(ends[1]) follows") == true)
  }

  /// A record may hold a log, as a snapshot that is sent in pieces does.
  @Test func aLogWithinATornRecordIsNoEntry() throws {
    let (inner, _) = Self.file()
    let (bytes, ends) = Self.file([[1], inner + inner])
    for length in ends[1]..<bytes.count {
      #expect(try RecordLog.read(Array(bytes[..<length])).recovered.records == [[1]])
    }
    // Nor are the old bytes of an earlier generation behind the end.
    let (old, _) = Self.file(generation: 6)
    let (new, newEnds) = Self.file(Array(Self.records.prefix(1)), generation: 8)
    let contents = try RecordLog.read(new + Array(old[newEnds[1]...]))
    #expect(contents.recovered.records == [Self.records[0]])
  }

  @Test func aFileWithoutAValidHeaderIsAnErrorInWords() {
    let (bytes, _) = Self.file()
    #expect(damage(of: []) == "it is empty")
    #expect(damage(of: Array("hello, world, this is text".utf8)) == "it does not begin with EDDYLOG1")
    for length in 1..<8 { #expect(damage(of: Array(bytes[..<length])) == "it does not begin with EDDYLOG1") }
    for length in 8..<RecordLog.headerLength {
      #expect(damage(of: Array(bytes[..<length])) == "its header is cut off")
    }
    for offset in 0..<RecordLog.headerLength {
      var changed = bytes
      changed[offset] ^= 0x04
      #expect(damage(of: changed) != nil)
    }
  }

  /// An entry as the format's description has it, byte by byte.
  private func entry(_ kind: UInt32, _ content: [UInt8], at offset: Int, generation: UInt64) -> [UInt8] {
    func bytes(_ number: UInt64, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }
    func checksum(_ bytes: [UInt8]) -> [UInt8] {
      var checksum = CRC32C()
      bytes.withUnsafeBytes { checksum.add($0) }
      return (0..<4).map { UInt8(truncatingIfNeeded: checksum.value >> (8 * UInt32($0))) }
    }
    let fields = bytes(UInt64(content.count), 4) + bytes(UInt64(kind), 4) + checksum(content)
    return fields + checksum(bytes(generation, 8) + bytes(UInt64(offset), 8) + fields) + content
  }

  @Test func anEntryHasTheBytesOfTheDescription() {
    let (bytes, ends) = Self.file(snapshot: [5, 6])
    #expect(Array(bytes[ends[0]..<ends[1]]) == entry(2, [5, 6], at: ends[0], generation: 7))
    #expect(Array(bytes[ends[1]..<ends[2]]) == entry(1, Self.records[0], at: ends[1], generation: 7))
  }

  @Test func aSnapshotBehindRecordsIsAnError() throws {
    let (bytes, _) = Self.file()
    let late = bytes + entry(2, [1], at: bytes.count, generation: 7)
    #expect(damage(of: late) == "it has a snapshot at byte \(bytes.count), behind other entries")
    // A kind that does not exist is an entry that is not whole.
    let unknown = bytes + entry(3, [1], at: bytes.count, generation: 7)
    #expect(try RecordLog.read(unknown).recovered.records == Self.records)
  }

  /// Random records, cut or changed at random: what is read is a prefix of what was written, or an error.
  @Test func whatIsReadIsAPrefixOfWhatWasWritten() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<2_000 {
      let records = (0..<random.below(6)).map { _ in
        (0..<random.below(30)).map { _ in UInt8(random.below(4)) }
      }
      var (bytes, _) = Self.file(records)
      if random.chance(0.5) { bytes.removeLast(random.below(bytes.count)) }
      if random.chance(0.5), !bytes.isEmpty {
        bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
      }
      guard let contents = try? RecordLog.read(bytes) else { continue }
      #expect(contents.recovered.snapshot == nil)
      #expect(records.starts(with: contents.recovered.records))
    }
  }
}
