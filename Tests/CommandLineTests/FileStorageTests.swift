import EddyEventLoop
import EddyNode
import Foundation
import Testing

@testable import EddyDaemon

/// A node's disk on real files.
@Suite final class FileStorageTests {
  private let directory = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)")
  private var path: String { directory.path }

  deinit { try? FileManager.default.removeItem(at: directory) }

  private func append(_ records: [UInt8]...) -> [StorageOperation] { records.map { .append($0) } }

  /// Opens the disk, carries out work with a sync, and closes it.
  private func write(_ operations: [StorageOperation], sync: Bool = true) throws -> RecoveredStorage {
    let disk = try FileStorage(path)
    #expect(try disk.carryOut(StorageWork(operations: operations, sync: sync ? 1 : nil)) == nil)
    return disk.recovered
  }

  private func failure() -> String? {
    do {
      _ = try FileStorage(path)
      return nil
    } catch {
      return error.reason
    }
  }

  private func log() throws -> [UInt8] { Array(try Data(contentsOf: directory.appending(path: "log"))) }

  private func write(log: [UInt8]) throws { try Data(log).write(to: directory.appending(path: "log")) }

  private func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  @Test func whatIsWrittenIsFoundAfterwards() throws {
    #expect(try write(append([1], [], [2, 3])) == RecoveredStorage())
    #expect(try write(append([4]), sync: false) == RecoveredStorage(records: [[1], [], [2, 3]]))
    #expect(try write([]) == RecoveredStorage(records: [[1], [], [2, 3], [4]]))
    #expect(try files() == ["log"])
  }

  @Test func aSyncWithNothingToWriteCostsNoCallAndManyRecordsShareOne() throws {
    let disk = try FileStorage(path)
    func syncs(_ operations: [StorageOperation], sync: Bool = true) throws -> Int {
      let before = disk.syncCount
      _ = try disk.carryOut(StorageWork(operations: operations, sync: sync ? 1 : nil))
      return disk.syncCount - before
    }
    #expect(try syncs([]) == 0)
    #expect(try syncs((0..<100).map { .append([$0]) }) == 1)
    #expect(try syncs([]) == 0)
    #expect(try syncs(append([1]), sync: false) == 0)
    #expect(try syncs([]) == 1)
    // The new file is durable before it takes its name.
    #expect(try syncs([.replaceAll(snapshot: [1], records: [])], sync: false) == 1)
    #expect(try syncs([]) == 0)
  }

  @Test func aSnapshotReplacesTheFile() throws {
    _ = try write(append([1], [2], [3]))
    let before = try log()
    let work: [StorageOperation] =
      append([4]) + [.replaceAll(snapshot: [1, 2, 3], records: [[4]])] + append([5])
    _ = try write(work)
    let expected = RecoveredStorage(snapshot: [1, 2, 3], records: [[4], [5]])
    #expect(try write([.replaceAll(snapshot: [], records: [])] + append([6])) == expected)
    #expect(try write([]) == RecoveredStorage(snapshot: [], records: [[6]]))
    #expect(try files() == ["log"])
    #expect(try RecordLog.read(before).log.generation == 1 && RecordLog.read(log()).log.generation == 3)
  }

  @Test func theRestOfAnInterruptedReplacementIsRemoved() throws {
    _ = try write(append([1]))
    try Data([1, 2, 3]).write(to: directory.appending(path: "log.new"))
    #expect(try write([]) == RecoveredStorage(records: [[1]]))
    #expect(try files() == ["log"])
  }

  @Test func anInterruptedWriteIsCutAndTheLogGoesOn() throws {
    _ = try write(append([1], [2], [3]))
    let whole = try log()
    for missing in 1...RecordLog.entryHeaderLength {
      try write(log: Array(whole.dropLast(missing)))
      let disk = try FileStorage(path)
      #expect(disk.recovered.records == [[1], [2]])
      #expect(disk.tornBytes == RecordLog.entryHeaderLength + 1 - missing)
    }
    #expect(try write(append([9])) == RecoveredStorage(records: [[1], [2]]))
    #expect(try write([]) == RecoveredStorage(records: [[1], [2], [9]]))
  }

  @Test func aDamagedFileIsAnErrorInWordsAndIsLeftAsItIs() throws {
    _ = try write(append([1], [2]))
    var bytes = try log()
    bytes[RecordLog.headerLength] ^= 1
    try write(log: bytes)
    #expect(
      failure()
        == "cannot use \(path)/log: the entry at byte 20 is damaged, and an entry at byte 37 follows that is whole"
    )
    #expect(try log() == bytes)
    try write(log: [])
    #expect(failure() == "cannot use \(path)/log: it is empty")
  }

  @Test func aDirectoryHasOneUser() throws {
    let disk = try FileStorage(path)
    #expect(failure() == "another process uses the data directory \(path)")
    _ = try disk.carryOut(StorageWork(operations: append([1]), sync: 1))
  }

  @Test func aParentThatIsMissingIsAnErrorInWords() {
    do {
      _ = try FileStorage(path + "/a")
      Issue.record("it was opened")
    } catch {
      #expect(
        error.reason == "cannot open the data directory \(path)/a: No such file or directory (ENOENT)")
    }
  }

  @Test func anErrorOtherThanAFullDiskIsForGood() throws {
    let disk = try FileStorage(path)
    try FileManager.default.removeItem(at: directory)
    do {
      _ = try disk.carryOut(StorageWork(operations: [.replaceAll(snapshot: [1], records: [])], sync: 1))
      Issue.record("it was written")
    } catch {
      #expect(error.reason == "cannot write \(path)/log: No such file or directory (ENOENT)")
    }
  }
}
