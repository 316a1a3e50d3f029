import ArgumentParser
import EddyEventLoop
import EddyNode

@main
struct EddyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eddy",
    abstract: "A workbench for distributed systems: runs, faults, checks and draws clusters of nodes.",
    version: EddyVersion.current,
    subcommands: [
      TestCommand.self, SimulateCommand.self, CheckCommand.self, DiagramCommand.self, ChallengesCommand.self,
      // Commands that Maelstrom has and Eddy does not.
      ServeCommand.self, DemoCommand.self, DocCommand.self, AnalyzeCommand.self,
    ])

  /// Like the parser's `main`, but with Maelstrom's exit codes.
  static func main() {
    // A run does not end because its output is no longer read, as in `eddy test … | head -1`.
    System.ignoreBrokenPipes()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let code as ExitCode {
      exit(withError: code)
    } catch {
      let code = exitCode(for: error)
      // Help and version go to standard output.
      if code.isSuccess { exit(withError: error) }
      Console().print(fullMessage(for: error))
      exit(withError: code == .validationFailure ? ExitCode.badArguments : .notCarriedOut)
    }
  }
}
