public import EddyCheckers
import EddyHistory
public import EddyNode
import EddyTiming

/// What a run leaves for people: its page, and the pictures on it as files of their own.
///
///     let report = Report(recording, results: results, options: options.json, command: command)
///     for (name, text) in report.files { … }
///
/// The page is one file that needs no other and no network. The same run makes the same bytes.
public struct Report {
  let recording: Recording
  let results: Results?
  let failure: String?
  let notes: [String]
  let options: JSONObject
  let command: String

  /// - Parameters:
  ///   - recording: What happened.
  ///   - results: What the checkers found; nil if the run was not judged.
  ///   - failure: Why the run broke off, if it did.
  ///   - notes: What to know of the verdict, in sentences.
  ///   - options: What decided the run, under the names of the flags.
  ///   - command: What to type to run it again.
  public init(
    _ recording: Recording, results: Results?, failure: String? = nil, notes: [String] = [],
    options: JSONObject, command: String
  ) {
    self.recording = recording
    self.results = results
    self.failure = failure
    self.notes = notes
    self.options = options
    self.command = command
  }

  /// The files' names and contents: `index.html`, the Lamport diagram `messages.svg`, and the plots.
  ///
  /// - Complexity: O(n log n) in the operations and messages of the run.
  public var files: [(name: String, text: String)] {
    let trace = Trace(recording)
    let operationPlots = OperationPlots(recording.history).all
    let messagePlots = MessagePlots(trace).all
    let page = ReportPage(self, trace, operationPlots: operationPlots, messagePlots: messagePlots)
    return [
      ("index.html", page.html),
      ("messages.svg", LamportDiagram(trace, filter: filter(limit: DiagramFilter.defaultLimit)).svg),
    ]
      + (operationPlots + messagePlots).map { ("\($0.name).svg", $0.svg) }
  }

  /// How many messages the page's own diagram shows at most; the file beside it has more.
  static let excerptLimit = 500

  /// What is most worth drawing: the surroundings of the first anomaly; in a run without any, the
  /// time just before and after the first fault; else the beginning.
  func filter(limit: Int) -> DiagramFilter {
    if let operations = results?.anomalies.first(where: { !$0.operations.isEmpty })?.operations {
      return DiagramFilter(around: operations, limit: limit)
    }
    if failure == nil, let fault = recording.history.faults.first {
      return DiagramFilter(from: max(.zero, fault.start - .milliseconds(200)), limit: limit)
    }
    return DiagramFilter(limit: limit)
  }
}
