import ArgumentParser

/// Flags that Maelstrom inherits from Jepsen and that have no meaning for child processes on this machine.
/// They are accepted, so that command lines for Maelstrom work unchanged.
struct MaelstromFlags: ParsableArguments {
  @Flag(help: "Does nothing: no node is reached over SSH.")
  var noSSH = false

  @Option(help: ArgumentHelp("Does nothing: no node is reached over SSH.", valueName: "user"))
  var username: String?

  @Option(help: ArgumentHelp("Does nothing: no node is reached over SSH.", valueName: "password"))
  var password: String?

  @Option(help: ArgumentHelp("Does nothing: no node is reached over SSH.", valueName: "file"))
  var sshPrivateKey: String?

  @Flag(help: "Does nothing: no node is reached over SSH.")
  var strictHostKeyChecking = false

  @Flag(help: "Does nothing: nodes end with the run.")
  var leaveDBRunning = false

  @Flag(help: "Does nothing: the console's lines are text.")
  var loggingJSON = false

  /// A sentence that names the given flags that do nothing; nil if there are none.
  var remark: String? {
    let given = [
      ("no-ssh", noSSH), ("username", username != nil), ("password", password != nil),
      ("ssh-private-key", sshPrivateKey != nil), ("strict-host-key-checking", strictHostKeyChecking),
      ("leave-db-running", leaveDBRunning), ("logging-json", loggingJSON),
    ].filter(\.1).map { "--\($0.0)" }
    guard !given.isEmpty else { return nil }
    let verb = given.count == 1 ? "does" : "do"
    return "\(given.joined(separator: ", ")) \(verb) nothing here: nodes are child processes on this machine."
  }
}

/// A command that Maelstrom has and Eddy does not. It is refused with advice.
protocol MissingCommand: ParsableCommand {
  static var name: String { get }
  /// A sentence on what to do instead.
  static var advice: String { get }
}

extension MissingCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: name, abstract: advice, shouldDisplay: false)
  }

  func run() throws { throw ValidationError("eddy has no command \(Self.name): \(Self.advice)") }
}

struct ServeCommand: MissingCommand {
  static let name = "serve"
  static let advice = """
    a run's page needs no server; open store/latest/index.html in a browser. To reach it from another machine, run \
    python3 -m http.server 8080 -d store
    """
  @Argument(parsing: .captureForPassthrough) var rest: [String] = []
}

struct DemoCommand: MissingCommand {
  static let name = "demo"
  static let advice = """
    run 'eddy simulate -w broadcast' for Eddy's own nodes in virtual time, or 'make maelstrom-all' for all \
    challenges with real processes
    """
  @Argument(parsing: .captureForPassthrough) var rest: [String] = []
}

struct DocCommand: MissingCommand {
  static let name = "doc"
  static let advice =
    "README.md and the folder docs describe the workloads and the protocol; 'eddy help test' lists the flags"
  @Argument(parsing: .captureForPassthrough) var rest: [String] = []
}

struct AnalyzeCommand: MissingCommand {
  static let name = "analyze"
  static let advice = "'eddy check store/latest' checks the history of a stored run again"
  @Argument(parsing: .captureForPassthrough) var rest: [String] = []
}
