public import EddyCheckers
import EddyHistory
public import EddyNode
import EddyTiming

/// The report on a run: an HTML page, and its pictures as separate files.
///
///     let report = Report(recording, results: results, options: options.json, command: command)
///     for (name, text) in report.files { … }
///
/// The page needs no other file and no network. The same run yields the same bytes.
public struct Report {
  let recording: Recording
  let results: Results?
  let failure: String?
  let notes: [String]
  let options: JSONObject
  let command: String

  /// - Parameters:
  ///   - recording: The data of the run.
  ///   - results: The results of the checkers; nil if the run was not checked.
  ///   - failure: Why the run was aborted; nil if it was not.
  ///   - notes: Sentences about the verdict.
  ///   - options: The options of the run, under the names of the flags.
  ///   - command: The command that repeats the run.
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

  /// Names and contents of the files: `index.html`, the Lamport diagram `messages.svg`, the plots, and the
  /// anomalies' figures `figure-1.svg`, ….
  ///
  /// - Complexity: O(n log n) in the operations and messages of the run.
  public var files: [(name: String, text: String)] {
    let trace = Trace(recording)
    let operationPlots = OperationPlots(recording.history).all
    let messagePlots = MessagePlots(trace).all
    let figures = (results?.anomalies ?? []).flatMap(\.examples).compactMap(\.figure).enumerated().map {
      $0.element.picture("figure-\($0.offset + 1)")
    }
    let page = ReportPage(self, trace, operationPlots: operationPlots, messagePlots: messagePlots)
    return [
      ("index.html", page.html),
      ("messages.svg", LamportDiagram(trace, filter: filter(limit: DiagramFilter.defaultLimit)).svg),
    ]
      + (operationPlots + messagePlots + figures).map { ("\($0.name).svg", $0.svg) }
  }

  /// The maximum number of messages in the page's diagram; `messages.svg` has more.
  static let excerptLimit = 500

  /// The most relevant part of the run: the operations of the first anomaly with their causal past and
  /// future; without an anomaly the time around the first fault; else the beginning.
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
