import ArgumentParser
import EddyEventLoop
import EddyHistory
import EddyNetwork
import EddyProcess
import EddyReport
import EddyStore
import EddyTiming

/// Draws the Lamport diagram of a stored run.
struct DiagramCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagram",
    abstract: "Draws the messages of a run as an SVG file.",
    discussion: """
      DIRECTORY is the directory of a run, such as store/latest. Without --around, --from or --to, an invalid run \
      is drawn around its first anomaly, and any other run from its beginning. The top of the picture counts what \
      is not drawn.
      """)

  @Argument(help: "The run's directory.")
  var directory: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Draw the causal past and future of these operations, by their indices in history.jsonl, separated by commas.
      """, valueName: "indices"), transform: FlagValue.indices)
  var around: [Int]?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Draw from this time of the run on, in seconds.", valueName: "seconds"),
    transform: FlagValue.seconds)
  var from: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Draw up to this time of the run, in seconds.", valueName: "seconds"),
    transform: FlagValue.seconds)
  var to: Double?

  @Option(
    help: ArgumentHelp(
      "Draw only these nodes and their clients, separated by commas (default: all).", valueName: "names"),
    transform: FlagValue.names)
  var nodes: [String]?

  @Option(
    help: ArgumentHelp(
      "Draw only messages of these types, separated by commas (default: all).", valueName: "names"),
    transform: FlagValue.names)
  var types: [String]?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Draw at most this many messages (default: \(DiagramFilter.defaultLimit)).", valueName: "number"),
    transform: FlagValue.positive)
  var limit = DiagramFilter.defaultLimit

  @Option(name: [.short, .long], help: "The file to write (default: messages.svg in the run's directory).")
  var output: String?

  func validate() throws {
    if let from, let to, from > to { throw ValidationError("--from must not be later than --to") }
    if let output, !output.lowercased().hasSuffix(".svg") {
      throw ValidationError(
        "--output: the picture is an SVG file, so its name must end in .svg; \(output) does not")
    }
  }

  func run() throws {
    let run = try StoredRun(directory: directory)
    let diagram = LamportDiagram(run.recording, filter: try filter(run))
    let path = output ?? "\(directory)/messages.svg"
    do {
      try FileSystem.open(path, for: .replace).writeAll(diagram.svg)
    } catch {
      throw ValidationError("\(path) could not be written: \(error)")
    }
    print("\(path): \(diagram.messageCount) messages")
    for note in run.recording.notes { print("  \(note)") }
    for omission in diagram.omissions { print("  not shown: \(omission)") }
  }

  private func filter(_ run: StoredRun) throws -> DiagramFilter {
    let recording = run.recording
    try check(nodes, among: recording.nodes, "--nodes: the run has no %; its nodes are")
    let types = Set(recording.messages.map(\.type)).sorted()
    try check(self.types, among: types, "--types: the run has no message of type %; its types are")
    for index in around ?? [] where !recording.history.operations.indices.contains(index) {
      throw ValidationError("--around: the history has no entry \(index)")
    }
    let isNarrowed = around != nil || from != nil || to != nil
    return DiagramFilter(
      around: isNarrowed ? around ?? [] : run.anomalies.first ?? [],
      from: from.map(Self.instant), to: to.map(Self.instant), nodes: nodes ?? [],
      types: self.types ?? [], limit: limit)
  }

  /// Throws for a name that the run does not have. `%` in the sentence stands for it.
  private func check(_ names: [String]?, among known: [String], _ sentence: String) throws {
    for name in names ?? [] where !known.contains(name) {
      let parts = sentence.split(separator: "%", maxSplits: 1)
      throw ValidationError("\(parts[0])\(name)\(parts[1]) \(known.joined(separator: ", "))")
    }
  }

  private static func instant(_ seconds: Double) -> Instant {
    Instant(nanoseconds: Int((seconds * 1e9).rounded()))
  }
}
