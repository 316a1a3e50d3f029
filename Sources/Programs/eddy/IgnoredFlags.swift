import ArgumentParser

/// Flags that Maelstrom inherits from Jepsen and that have no meaning for child processes on this machine.
/// They are accepted, so that command lines for Maelstrom work unchanged.
struct IgnoredFlags: ParsableArguments {
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
