import ArgumentParser

/// Flags that Maelstrom has from Jepsen and that mean nothing where nodes are child processes on this
/// machine. They are taken, so that a command line written for Maelstrom works as it is.
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

  /// A line that says which of the flags given do nothing; nil if none was given.
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

/// A command that Maelstrom has and Eddy has not: it says what to do instead.
protocol MissingCommand: ParsableCommand {
  static var name: String { get }
  /// What to do instead, in a sentence.
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
    a run's page is a file that needs no server; open store/latest/index.html in a browser. From another \
    machine: python3 -m http.server 8080 -d store
    """
  @Argument(parsing: .captureForPassthrough) var rest: [String] = []
}

struct DemoCommand: MissingCommand {
  static let name = "demo"
  static let advice = """
    run `eddy simulate -w broadcast` for Eddy's own nodes in virtual time, or `make maelstrom-all` for all \
    challenges with real processes
    """
  @Argument(parsing: .captureForPassthrough) var rest: [String] = []
}

struct DocCommand: MissingCommand {
  static let name = "doc"
  static let advice =
    "README.md and the folder docs describe workloads and protocol; `eddy help test` lists the flags"
  @Argument(parsing: .captureForPassthrough) var rest: [String] = []
}

struct AnalyzeCommand: MissingCommand {
  static let name = "analyze"
  static let advice = "`eddy check store/latest` judges the history of a stored run anew"
  @Argument(parsing: .captureForPassthrough) var rest: [String] = []
}
