import CEddyEventLoop

/// The few operations on files that Eddy needs. Paths are the kernel's: UTF-8 without NUL.
public enum FileSystem {
  /// What a file is opened for.
  public enum Mode {
    /// Reading a file that exists.
    case read
    /// Writing over a file that exists; also for devices.
    case write
    /// Writing a file that is made when missing, and emptied when not.
    case replace
    /// Writing behind a file's end; made when missing.
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

  /// How many bytes a file has.
  public static func length(of path: String) throws(Errno) -> Int {
    try open(path, for: .read).seek(backFromEnd: 0)
  }

  /// Makes a directory and those above it that are missing.
  public static func makeDirectories(_ path: String) throws(Errno) {
    do {
      try Errno.check(eddy_make_directory(path))
    } catch .fileExists {
      return
    } catch .noSuchFile {
      guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { throw .noSuchFile }
      try makeDirectories(String(path[..<slash]))
      let result = eddy_make_directory(path)
      // A path that ends in a slash was made without it.
      if result != -EDDY_EEXIST { try Errno.check(result) }
    }
  }

  /// Removes a file or a symbolic link.
  public static func remove(_ path: String) throws(Errno) {
    try Errno.check(eddy_remove_file(path))
  }

  /// Moves a file, in place of any that has the new name.
  public static func rename(_ path: String, to newPath: String) throws(Errno) {
    try Errno.check(eddy_rename(path, newPath))
  }

  /// Points the symbolic link `path` at `target`, in place of any link there was; nobody
  /// ever sees it missing.
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

  /// What the symbolic link `path` points at.
  public static func targetOfLink(_ path: String) throws(Errno) -> String {
    try string { eddy_read_link(path, $0) }
  }

  /// The absolute path of an existing file, free of symbolic links.
  public static func realPath(_ path: String) throws(Errno) -> String {
    try string { eddy_real_path(path, $0) }
  }

  /// The directory that relative paths start from.
  public static func workingDirectory() throws(Errno) -> String {
    try string { eddy_working_directory($0) }
  }

  /// Throws the reason why this process may not execute the file.
  public static func checkExecutable(_ path: String) throws(Errno) {
    try Errno.check(eddy_may_execute(path))
  }

  /// Runs `fill` on room for a path and returns the string it left there.
  private static func string(_ fill: (UnsafeMutablePointer<CChar>) -> Int32) throws(Errno) -> String {
    var buffer = [CChar](repeating: 0, count: Int(EDDY_PATH_CAPACITY))
    let length = buffer.withUnsafeMutableBufferPointer { fill($0.baseAddress!) }
    try Errno.check(length)
    return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
