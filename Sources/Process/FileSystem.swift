import CEddyProcess
public import EddyEventLoop

/// Operations on files. Paths are the kernel's, in UTF-8 and without NUL. Each operation is one system
/// call, or a few, and may wait for the device.
public enum FileSystem {
  /// What a file is opened for.
  public enum Mode {
    /// Reading a file that exists.
    case read
    /// Writing over a file or device that exists.
    case write
    /// Writing a file, created if missing and emptied if not.
    case replace
    /// Writing at a file's end; created if missing.
    case append

    fileprivate var flag: eddy_open_mode {
      switch self {
      case .read: EDDY_OPEN_READ
      case .write: EDDY_OPEN_WRITE
      case .replace: EDDY_OPEN_REPLACE
      case .append: EDDY_OPEN_APPEND
      }
    }
  }

  /// Opens a file.
  public static func open(_ path: String, for mode: Mode) throws(Errno) -> Descriptor {
    Descriptor(owning: try Errno.check(eddy_open(path, mode.flag)))
  }

  /// A file's length in bytes.
  public static func length(of path: String) throws(Errno) -> Int {
    try open(path, for: .read).seek(backFromEnd: 0)
  }

  /// Creates a directory and its missing parents. Does nothing if it exists.
  public static func makeDirectories(_ path: String) throws(Errno) {
    do {
      try Errno.check(eddy_make_directory(path))
    } catch .fileExists {
      return
    } catch .noSuchFile {
      guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { throw .noSuchFile }
      try makeDirectories(String(path[..<slash]))
      do { try Errno.check(eddy_make_directory(path)) } catch .fileExists {
        // The path ends in a slash, so its parent was the directory itself.
      }
    }
  }

  /// Removes a file or a symbolic link.
  public static func remove(_ path: String) throws(Errno) {
    try Errno.check(eddy_remove_file(path))
  }

  /// Removes a directory with everything in it.
  public static func removeTree(_ path: String) throws(Errno) {
    try Errno.check(path.withCString { eddy_remove_tree($0) })
  }

  /// Renames a file; replaces any file at `newPath`. Both must be on one file system.
  public static func rename(_ path: String, to newPath: String) throws(Errno) {
    try Errno.check(eddy_rename(path, newPath))
  }

  /// Makes `path` a symbolic link to `target`. Replaces a link that exists in one step, so that no reader
  /// finds it missing.
  public static func link(_ path: String, to target: String) throws(Errno) {
    let new = "\(path).\(System.processID)"
    try Errno.check(eddy_link(target, new))
    do {
      try rename(new, to: path)
    } catch {
      try? remove(new)
      throw error
    }
  }

  /// The target of the symbolic link `path`.
  public static func targetOfLink(_ path: String) throws(Errno) -> String {
    try string { eddy_read_link(path, $0) }
  }

  /// The absolute path of an existing file, without symbolic links.
  public static func realPath(_ path: String) throws(Errno) -> String {
    try string { eddy_real_path(path, $0) }
  }

  /// This process's working directory.
  public static func workingDirectory() throws(Errno) -> String {
    try string { eddy_working_directory($0) }
  }

  /// Throws the reason if this process may not execute the file.
  public static func checkExecutable(_ path: String) throws(Errno) {
    try Errno.check(eddy_may_execute(path))
  }

  /// Runs `fill` on a buffer for a path and returns the string it wrote there.
  private static func string(_ fill: (UnsafeMutablePointer<CChar>) -> Int32) throws(Errno) -> String {
    var buffer = [CChar](repeating: 0, count: Int(EDDY_PATH_CAPACITY))
    let length = buffer.withUnsafeMutableBufferPointer { fill($0.baseAddress!) }
    try Errno.check(length)
    return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension Descriptor {
  /// Moves the file's offset to `count` bytes before its end, or to its beginning if it is shorter. Returns
  /// that offset, in bytes.
  @discardableResult
  public borrowing func seek(backFromEnd count: Int) throws(Errno) -> Int {
    Int(try Errno.check(eddy_seek_back(number, Int64(count))))
  }
}
