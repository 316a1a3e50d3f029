public import EddyEventLoop

/// A file of the store that could not be written.
public struct StoreError: Error, Hashable, Sendable {
  /// The file or directory.
  public var path: String
  /// Why not.
  public var reason: Errno

  /// The file at `path` could not be written, for this reason.
  public init(path: String, reason: Errno) {
    self.path = path
    self.reason = reason
  }
}

extension StoreError: CustomStringConvertible {
  /// Such as `cannot write store/echo/latest: Permission denied (EACCES)`.
  public var description: String { "cannot write \(path): \(reason)" }
}
