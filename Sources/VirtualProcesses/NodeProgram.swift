/// The program that each node runs in virtual time.
public struct NodeProgram: Sendable {
  /// The absolute path of the executable.
  public var path: String
  /// Makes the arguments of a node; called for each start. Throws a reason for people.
  public var arguments: @Sendable (_ node: Int) throws(CannotStart) -> [String]
  /// The whole environment: each entry is `NAME=VALUE`.
  public var environment: [String]

  /// A program with these arguments on each node.
  public init(
    path: String, environment: [String],
    arguments: @escaping @Sendable (_ node: Int) throws(CannotStart) -> [String]
  ) {
    self.path = path
    self.environment = environment
    self.arguments = arguments
  }

  /// Why a node cannot be started.
  public struct CannotStart: Error {
    public var reason: String

    public init(reason: String) { self.reason = reason }
  }
}

extension NodeProgram {
  /// The variables that programs find their files and settings by. Others, such as those of a terminal, differ from
  /// one shell to the next, and a run would differ with them.
  private static let kept: Set<String> = [
    "PATH", "HOME", "USER", "LANG", "TZ", "TZDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "CLASSPATH",
    "GOMAXPROCS", "GOGC",
    "GODEBUG", "GOPATH", "GOROOT",
  ]
  private static let keptPrefixes = [
    "LC_", "PYTHON", "PYENV_", "CONDA_", "RUBY", "GEM_", "RBENV_", "BUNDLE_", "NODE_", "NVM_", "JAVA_",
    "JDK_", "RUST_",
    "CARGO_", "EDDY_NODE_",
  ]

  /// The environment of the nodes: what is kept of this process's, and what is given, sorted by name.
  ///
  /// - Parameters:
  ///   - inherited: This process's variables.
  ///   - given: Entries `NAME=VALUE`, or `NAME` for this process's value.
  public static func environment(inherited: [String: String], given: [String]) -> [String] {
    var variables = inherited.filter { name, _ in
      kept.contains(name) || keptPrefixes.contains { name.hasPrefix($0) }
    }
    for entry in given {
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      variables[parts[0]] = parts.count == 2 ? parts[1] : inherited[parts[0]]
    }
    return variables.map { "\($0.key)=\($0.value)" }.sorted()
  }
}
