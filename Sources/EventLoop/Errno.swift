import CEddyEventLoop

/// Why a system call failed: the kernel's error number.
///
/// Operating errors are thrown as this; programmer errors trap.
public struct Errno: Error, Hashable, Sendable {
  /// The error number, such as 32 for EPIPE.
  public let code: Int32

  /// An error of this number.
  public init(code: Int32) { self.code = code }

  /// Returns the result of a function of the C modules, or throws the error number that it negates.
  @discardableResult
  package static func check<Result: SignedInteger>(_ result: Result) throws(Errno) -> Result {
    if result < 0 { throw Errno(code: Int32(-result)) }
    return result
  }
}

extension Errno {
  /// EPERM: not permitted; from epoll, a file that is always ready.
  public static let notPermitted = Errno(code: EDDY_EPERM)
  /// ENOENT: no such file or directory.
  public static let noSuchFile = Errno(code: EDDY_ENOENT)
  /// ENOEXEC: the file is neither a program nor a script with an interpreter.
  public static let executableFormat = Errno(code: EDDY_ENOEXEC)
  /// EBADF: the descriptor is not open.
  public static let badDescriptor = Errno(code: EDDY_EBADF)
  /// EAGAIN: the call would have to wait.
  public static let wouldBlock = Errno(code: EDDY_EAGAIN)
  /// EACCES: permission denied.
  public static let permissionDenied = Errno(code: EDDY_EACCES)
  /// EEXIST: the file exists.
  public static let fileExists = Errno(code: EDDY_EEXIST)
  /// ENOSPC: the device is full.
  public static let noSpace = Errno(code: EDDY_ENOSPC)
  /// EPIPE: every reader has closed its end.
  public static let brokenPipe = Errno(code: EDDY_EPIPE)
}

extension Errno: CustomStringConvertible {
  /// The error in words, such as `Broken pipe (EPIPE)`.
  public var description: String {
    guard let name = eddy_error_name(code), let words = eddy_error_description(code) else {
      return "Error \(code)"
    }
    return "\(String(cString: words)) (\(String(cString: name)))"
  }
}
