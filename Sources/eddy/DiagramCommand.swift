import ArgumentParser
import EventLoop
import Store
import Timing
import Workbench

/// Draws the Lamport diagram of a run from the files it left.
struct DiagramCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagram",
    abstract: "Draws who sent what to whom in a run, as an SVG file.",
    discussion: """
      DIRECTORY is one that a run has left, such as store/latest. Without --around, --from or --to, a run in \
      which something is wrong is drawn round the first of its anomalies, and any other from its beginning. \
      What is not drawn is counted at the top of the picture.
      """)

  @Argument(help: "The run's directory.")
  var directory: String

  @Option(
    help: """
      Draw the causal past and future of this operation, by its index in history.jsonl; several are separated by \
      commas.
      """)
  var around = Listed<Int>([])

  @Option(help: "Draw from this second of the run on.")
  var from: Double?

  @Option(help: "Draw up to this second of the run.")
  var to: Double?

  @Option(help: "Draw only these nodes and their clients, separated by commas.")
  var nodes = Listed<String>([])

  @Option(help: "Draw only messages of these types, separated by commas.")
  var types = Listed<String>([])

  @Option(help: "Draw at most so many messages.")
  var limit = DiagramFilter.defaultLimit

  @Option(name: [.short, .long], help: "The file to write (default: messages.svg in the run's directory).")
  var output: String?

  func validate() throws {
    for seconds in [from, to].compactMap(\.self) where !(seconds.magnitude < 1e9) {
      throw ValidationError("--from and --to are seconds of the run")
    }
    if let from, let to, from > to { throw ValidationError("--from must not be later than --to") }
    if limit < 1 { throw ValidationError("--limit must be positive") }
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
    for node in nodes.values where !recording.nodes.contains(node) {
      throw ValidationError(
        "--nodes: the run has no \(node); its nodes are \(recording.nodes.joined(separator: ", "))")
    }
    for index in around.values where !recording.history.operations.indices.contains(index) {
      throw ValidationError("--around: the history has no entry \(index)")
    }
    let isNarrowed = !around.values.isEmpty || from != nil || to != nil
    return DiagramFilter(
      around: isNarrowed ? around.values : run.anomalies.first ?? [],
      from: from.map(Self.instant), to: to.map(Self.instant), nodes: nodes.values,
      types: types.values, limit: limit)
  }

  private static func instant(_ seconds: Double) -> Instant {
    Instant(nanoseconds: Int64((seconds * 1e9).rounded()))
  }
}

/// Values separated by commas.
struct Listed<Value: LosslessStringConvertible>: ExpressibleByArgument {
  var values: [Value]

  init(_ values: [Value]) { self.values = values }

  init?(argument: String) {
    values = []
    for part in argument.split(separator: ",") {
      guard let value = Value(String(part)) else { return nil }
      values.append(value)
    }
  }

  var defaultValueDescription: String { "all" }
}
