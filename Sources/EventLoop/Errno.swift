import CEddyEventLoop

/// Why a system call failed: the kernel's error number.
///
/// Operating errors are thrown as this; a programmer's errors trap.
public struct Errno: Error, Hashable, Sendable {
  /// The error number, such as 32 for EPIPE.
  public let code: Int32

  /// An error of this number.
  public init(code: Int32) { self.code = code }

  /// Takes a CEventLoop result apart: what was returned, or a negated error number.
  @discardableResult
  static func check<Result: SignedInteger>(_ result: Result) throws(Errno) -> Result {
    if result < 0 { throw Errno(code: Int32(-result)) }
    return result
  }
}

extension Errno {
  /// EPERM; from epoll, a descriptor that is always ready.
  public static let notPermitted = Errno(code: EDDY_EPERM)
  /// ENOENT.
  public static let noSuchFile = Errno(code: EDDY_ENOENT)
  /// ENOEXEC: the file is no program, and no script with an interpreter.
  public static let executableFormat = Errno(code: EDDY_ENOEXEC)
  /// EBADF: the descriptor is closed.
  public static let badDescriptor = Errno(code: EDDY_EBADF)
  /// EAGAIN: the call would have had to wait.
  public static let wouldBlock = Errno(code: EDDY_EAGAIN)
  /// EACCES.
  public static let permissionDenied = Errno(code: EDDY_EACCES)
  /// EEXIST.
  public static let fileExists = Errno(code: EDDY_EEXIST)
  /// ENOSPC: the device is full.
  public static let noSpace = Errno(code: EDDY_ENOSPC)
  /// EPIPE: nobody can read what was to be written.
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
