import ArgumentParser

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
