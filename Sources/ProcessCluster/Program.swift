import EddyEventLoop
import EddyProcess

/// The program that each node runs.
public struct Program: Hashable, Sendable {
  /// The absolute path of the executable.
  public let path: String
  /// The arguments after the program's name.
  public let arguments: [String]

  /// Resolves `path` to an absolute one, because nodes run in another directory. Throws an explanation for
  /// people if the file does not exist or is not executable.
  public init(path: String, arguments: [String] = []) throws(Unusable) {
    do throws(Errno) {
      self.path = try FileSystem.realPath(path)
      try FileSystem.checkExecutable(self.path)
    } catch {
      throw Unusable(path: path, reason: error)
    }
    self.arguments = arguments
  }

  /// What stands for a node's own directory in ``arguments``.
  public static let directoryWord = "{dir}"

  /// Whether an argument names the node's own directory.
  package var needsDirectory: Bool { arguments.contains { $0.contains(Self.directoryWord) } }

  /// The program of the node whose own directory is at `path`.
  package func withDirectory(_ path: String) -> Program {
    Program(path: self.path, checked: arguments.map { $0.replacing(Self.directoryWord, with: path) })
  }

  private init(path: String, checked arguments: [String]) {
    self.path = path
    self.arguments = arguments
  }

  /// The reason why a file cannot be executed.
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
