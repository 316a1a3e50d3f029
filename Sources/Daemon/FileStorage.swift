import CEddyStorage
import EddyEventLoop
import EddyNode
import EddyTiming

/// A node's disk as a directory with one file, `log`, in the format of ``RecordLog``.
///
/// Every call is made on the caller's thread, and waits for the device: while a sync is under way, the loop does
/// nothing else. In return there is one thread, and what arrives meanwhile shares the next sync.
///
/// **Order.** Records are written at the file's end, then fdatasync makes them durable. A snapshot is written to
/// `log.new` with the records that it keeps, made durable, renamed to `log`, and the directory is synced: a crash
/// leaves the old file or the new one.
///
/// **One process.** The directory is locked while this object lives.
final class FileStorage {
  /// Why the disk cannot be used, now and later: a clause in words.
  struct Failure: Error {
    let reason: String
  }

  /// How long to wait for the lock. The kernel ends a killed process, and so releases its lock, some time after the
  /// signal: a node that is started again at once must wait for it.
  private static let lockPatience = Duration.seconds(2)
  private static let lockInterval = Duration.milliseconds(5)

  private static let name = "log"
  private static let newName = "log.new"

  /// What was found on the disk, to be handed to the node.
  let recovered: RecoveredStorage
  /// The number of fdatasyncs since the disk was opened.
  private(set) var syncCount = 0
  /// The length of an interrupted write at the end of the file, in bytes, which was cut off.
  let tornBytes: Int

  private let path: String
  private let directory: Descriptor
  private var file: Descriptor
  private var log: RecordLog
  /// The operations that are not in the file, in order. Not empty only while the disk is full.
  private var pending: [StorageOperation] = []
  /// Whether the file has bytes that are not durable.
  private var isDirty = false

  /// Opens the disk in the directory `path`, and reads it. Creates the directory, but not its parents.
  init(_ path: String) throws(Failure) {
    self.path = path
    directory = try Self.openDirectory(path)
    do throws(Errno) {
      // What an interrupted replacement has left.
      try Self.remove(Self.newName, in: directory)
      file = try Self.openOrCreate(in: directory)
    } catch {
      throw Failure(reason: "cannot open \(path)/\(Self.name): \(error)")
    }
    let contents = try Self.read(file, path)
    (recovered, log, tornBytes) = (contents.recovered, contents.log, contents.tornBytes)
    do throws(Errno) {
      if tornBytes > 0 { try Errno.check(eddy_storage_truncate(file.number, Int64(log.length))) }
      // What was read may be in the kernel's memory only, and the node is about to rely on it.
      try Errno.check(eddy_storage_sync_data(file.number))
      try Errno.check(eddy_storage_sync_directory(directory.number))
    } catch {
      throw Failure(reason: "cannot sync \(path)/\(Self.name): \(error)")
    }
  }

  /// Carries out a node's work in its order; if it has a sync, everything so far is durable on return. A sync with
  /// nothing to write costs no system call.
  ///
  /// Returns why the sync has failed, if the disk is full. Then what could not be written is kept, and the next sync
  /// tries again. Throws if the disk cannot be used any more. A sync that the device refuses is never tried again:
  /// the kernel may have dropped what it could not write.
  func carryOut(_ work: StorageWork) throws(Failure) -> StorageError? {
    let isFull = !pending.isEmpty
    pending += work.operations
    if isFull, work.sync == nil { return nil }
    do throws(Errno) {
      try writePending()
    } catch  where error == .noSpace || error.code == EDDY_STORAGE_EDQUOT {
      try cutOff()
      return StorageError("cannot write \(path)/\(Self.name): \(error)")
    } catch {
      throw Failure(reason: "cannot write \(path)/\(Self.name): \(error)")
    }
    guard work.sync != nil, isDirty else { return nil }
    do throws(Errno) {
      try Errno.check(eddy_storage_sync_data(file.number))
    } catch {
      throw Failure(reason: "cannot sync \(path)/\(Self.name): \(error)")
    }
    syncCount += 1
    isDirty = false
    return nil
  }
}

// MARK: - Opening

extension FileStorage {
  private static func openDirectory(_ path: String) throws(Failure) -> Descriptor {
    do throws(Errno) {
      try makeDirectory(path)
      let directory = Descriptor(owning: try Errno.check(eddy_storage_open_directory(path)))
      if try lock(directory) { return directory }
    } catch {
      throw Failure(reason: "cannot open the data directory \(path): \(error)")
    }
    throw Failure(reason: "another process uses the data directory \(path)")
  }

  /// Creates the directory, and makes its entry in its parent durable. Does nothing if it exists.
  private static func makeDirectory(_ path: String) throws(Errno) {
    do throws(Errno) { try Errno.check(eddy_storage_make_directory(path)) } catch .fileExists { return }
    var parent = path[...]
    while parent.last == "/" { parent.removeLast() }
    parent = parent.lastIndex(of: "/").map { parent[...$0] } ?? "."
    let directory = Descriptor(owning: try Errno.check(eddy_storage_open_directory(String(parent))))
    try Errno.check(eddy_storage_sync_directory(directory.number))
  }

  /// Locks the directory. Returns false if another process holds the lock all the time.
  private static func lock(_ directory: borrowing Descriptor) throws(Errno) -> Bool {
    let deadline = System.monotonicNow + lockPatience
    while true {
      do throws(Errno) {
        try Errno.check(eddy_storage_lock(directory.number))
        return true
      } catch .wouldBlock {
        if System.monotonicNow >= deadline { return false }
        try Errno.check(eddy_storage_sleep(Int64(lockInterval.nanoseconds)))
      }
    }
  }

  private static func remove(_ name: String, in directory: borrowing Descriptor) throws(Errno) {
    do throws(Errno) {
      try Errno.check(eddy_storage_remove(directory.number, name))
    } catch .noSuchFile {
      // There is nothing to remove.
    }
  }

  private static func openOrCreate(in directory: borrowing Descriptor) throws(Errno) -> Descriptor {
    do throws(Errno) {
      return Descriptor(owning: try Errno.check(eddy_storage_open(directory.number, name)))
    } catch .noSuchFile {
      var bytes: [UInt8] = []
      _ = RecordLog(generation: 1, to: &bytes)
      return try create(bytes, in: directory)
    }
  }

  private static func read(_ file: borrowing Descriptor, _ path: String) throws(Failure) -> RecordLog.Contents
  {
    let bytes: [UInt8]
    do throws(Errno) {
      bytes = try contents(of: file)
    } catch {
      throw Failure(reason: "cannot read \(path)/\(name): \(error)")
    }
    do throws(RecordLog.Damage) {
      return try RecordLog.read(bytes)
    } catch {
      throw Failure(reason: "cannot use \(path)/\(name): \(error)")
    }
  }

  private static func contents(of file: borrowing Descriptor) throws(Errno) -> [UInt8] {
    let length = Int(try Errno.check(eddy_storage_length(file.number)))
    var bytes = [UInt8](repeating: 0, count: length)
    var count = 0
    while count < length {
      let moved = bytes.withUnsafeMutableBytes {
        eddy_storage_read_at(file.number, $0.baseAddress! + count, length - count, Int64(count))
      }
      if try Errno.check(moved) == 0 { break }
      count += Int(moved)
    }
    return Array(bytes.prefix(count))
  }
}

// MARK: - Writing

extension FileStorage {
  /// Writes all pending operations to the file. Those that fail stay pending.
  private func writePending() throws(Errno) {
    // What a later snapshot replaces needs no writing.
    if let last = pending.lastIndex(where: { if case .replaceAll = $0 { true } else { false } }),
      case .replaceAll(let snapshot, let records) = pending[last]
    {
      try replaceFile(snapshot, records)
      pending.removeFirst(last + 1)
    }
    guard !pending.isEmpty else { return }
    var next = log
    var bytes: [UInt8] = []
    for case .append(let record) in pending { next.append(record, to: &bytes) }
    try Self.write(bytes, to: file, at: log.length)
    isDirty = true
    log = next
    pending.removeAll()
  }

  private func replaceFile(_ snapshot: [UInt8], _ records: [[UInt8]]) throws(Errno) {
    var bytes: [UInt8] = []
    let next = RecordLog(generation: log.generation + 1, snapshot: snapshot, records: records, to: &bytes)
    file = try Self.create(bytes, in: directory)
    syncCount += 1
    log = next
    isDirty = false
  }

  /// Makes a new file durable under the log's name, in place of any other, and opens it.
  private static func create(_ bytes: [UInt8], in directory: borrowing Descriptor) throws(Errno) -> Descriptor
  {
    let file = Descriptor(owning: try Errno.check(eddy_storage_create(directory.number, newName)))
    do throws(Errno) {
      try write(bytes, to: file, at: 0)
      try Errno.check(eddy_storage_sync_data(file.number))
      try Errno.check(eddy_storage_rename(directory.number, newName, name))
    } catch {
      try? remove(newName, in: directory)
      throw error
    }
    try Errno.check(eddy_storage_sync_directory(directory.number))
    return file
  }

  private static func write(_ bytes: [UInt8], to file: borrowing Descriptor, at offset: Int) throws(Errno) {
    var count = 0
    while count < bytes.count {
      let moved = bytes.withUnsafeBytes {
        eddy_storage_write_at(
          file.number, $0.baseAddress! + count, bytes.count - count, Int64(offset + count))
      }
      count += Int(try Errno.check(moved))
    }
  }

  /// Cuts off what an unsuccessful write has left.
  private func cutOff() throws(Failure) {
    do throws(Errno) {
      try Errno.check(eddy_storage_truncate(file.number, Int64(log.length)))
    } catch {
      throw Failure(reason: "cannot cut \(path)/\(Self.name): \(error)")
    }
  }
}
