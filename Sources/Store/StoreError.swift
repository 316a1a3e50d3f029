public import EddyEventLoop

/// An error in writing a file of the store.
public struct StoreError: Error, Hashable, Sendable {
  /// The path of the file or directory.
  public var path: String
  /// The system's error.
  public var reason: Errno

  /// Creates an error about the file at `path`.
  public init(path: String, reason: Errno) {
    self.path = path
    self.reason = reason
  }
}

extension StoreError: CustomStringConvertible {
  /// Such as `cannot write store/echo/latest: Permission denied (EACCES)`.
  public var description: String { "cannot write \(path): \(reason)" }
}
