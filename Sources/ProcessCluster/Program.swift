import EddyEventLoop
import EddyProcess

/// What each node runs.
public struct Program: Hashable, Sendable {
  /// The absolute path of the file.
  public let path: String
  /// What follows the program's name.
  public let arguments: [String]

  /// Looks the file up, so that it is found from other directories too; throws a sentence for a
  /// person when there is none, or none that may be executed.
  public init(path: String, arguments: [String] = []) throws(Unusable) {
    do throws(Errno) {
      self.path = try FileSystem.realPath(path)
      try FileSystem.checkExecutable(self.path)
    } catch {
      throw Unusable(path: path, reason: error)
    }
    self.arguments = arguments
  }

  /// Why a file cannot be run.
  public struct Unusable: Error, CustomStringConvertible {
    let path: String
    let reason: Errno

    public var description: String {
      switch reason {
      case .noSuchFile: "there is no program \(path)"
      case .permissionDenied: "\(path) is not executable; chmod +x makes it so"
      default: "cannot run \(path): \(reason)"
      }
    }
  }
}
