import EddyHistory
import EddyNode
import EddyTiming

/// A Lamport diagram of a run, or of the part that a filter selects.
///
/// Every node and every client is a lane, and time runs downwards. Every message is an arrow from its send to
/// its receipt; a lost message ends in a cross. An operation is a box on its client's lane, a fault is a
/// tint, and a log line is a mark on its node's lane. Tooltips show the details. The head of the diagram
/// counts what it omits.
///
///     let diagram = LamportDiagram(recording, filter: DiagramFilter(around: [17]))
///     diagram.svg
///
/// - Complexity: O(n log n) in the messages of the recording.
public struct LamportDiagram: Sendable {
  /// A number of messages, operations or log lines that the picture omits, and why.
  public struct Omission: Hashable, Sendable, CustomStringConvertible {
    public enum Subject: String, Sendable {
      case message
      case operation
      case logLine = "log line"
    }

    public var count: Int
    public var subject: Subject
    /// The reason, worded to follow the count and the noun.
    public var reason: String

    public var description: String { "\(count.counted(subject.rawValue)) \(reason)" }
  }

  /// What the picture omits. Its head says the same.
  public let omissions: [Omission]
  /// The number of messages drawn.
  public let messageCount: Int
  private let drawing: DiagramDrawing

  public init(_ recording: Recording, filter: DiagramFilter = DiagramFilter()) {
    self.init(Trace(recording), filter: filter)
  }

  init(_ trace: Trace, filter: DiagramFilter) {
    let selection = DiagramSelection(trace, filter)
    omissions = selection.omissions
    messageCount = selection.messages.count
    drawing = DiagramDrawing(trace, selection, focus: Set(filter.around))
  }

  /// The picture as an SVG file, with colours for light and dark backgrounds.
  public var svg: String { drawing.svg(stylesheet: Self.stylesheet) + "\n" }

  /// The picture as an element of a page that contains ``stylesheet``.
  var element: String { drawing.svg(stylesheet: "") }
}

extension LamportDiagram {
  static let stylesheet = shapes + Theme.stylesheet(colours)

  private static let shapes = """
    .lamport{font:11px \(Theme.sans)}.lamport .title{font-size:15px;font-weight:600}\
    .lamport .hit{stroke:transparent!important;stroke-width:9;fill:none}\
    .lamport .m path{fill:none;stroke-width:1.3;stroke-linecap:round}\
    .lamport .m:hover path,.lamport .op:hover rect,.lamport .mark:hover path{stroke-width:3}\
    .lamport .dup{stroke-dasharray:7 3}.lamport .pending{stroke-dasharray:1.5 3.5}\
    .lamport .m .cross{stroke-width:2.2}\
    .lamport .label,.lamport .lane,.lamport .time,.lamport .where{paint-order:stroke;stroke-width:3.5;stroke-linejoin:round}\
    .lamport .label,.lamport .where{font-size:10px}.lamport .time{font-variant-numeric:tabular-nums}\
    .lamport .lane{font-weight:600}.lamport .lane.c{font-weight:400}.lamport .axis{stroke-width:1}.lamport .row{stroke-width:.6}\
    .lamport .op rect{stroke-width:1.4}.lamport .op.focus rect{stroke-width:3}.lamport .b{font-weight:700}\
    .lamport .mark path{stroke-width:1}.lamport .faults text{font-size:10px;font-weight:600}

    """

  private static func colours(_ theme: Theme) -> String {
    var css = """
      .lamport .paper{fill:\(theme.paper)}.lamport text{fill:\(theme.ink)}\
      .lamport .muted{fill:\(theme.muted)}.lamport .time{fill:\(theme.muted)}\
      .lamport .label,.lamport .lane,.lamport .time,.lamport .where{stroke:\(theme.paper)}\
      .lamport .where{fill:\(theme.muted)}\
      .lamport .axis{stroke:\(theme.muted);opacity:.55}.lamport .row{stroke:\(theme.line)}\
      .lamport .pill{fill:\(theme.panel);stroke:\(theme.line)}\
      .lamport .cross{stroke:\(theme.fail)!important}\
      .lamport .fault{fill:\(theme.fault);fill-opacity:.07}.lamport .bar{fill:\(theme.fault);fill-opacity:.22}\
      .lamport .down{fill:\(theme.fail);fill-opacity:.3}.lamport .paused{fill:\(theme.info);fill-opacity:.3}\
      .lamport .deaf{fill:\(theme.fault);fill-opacity:.3}\
      .lamport .mark path{fill:\(theme.paper);stroke:\(theme.ink)}\
      .lamport .mark.warning path{stroke:\(theme.info);fill:\(theme.info)}\
      .lamport .mark.error path{stroke:\(theme.fail);fill:\(theme.fail)}\
      .lamport .tc path{stroke:\(theme.client)}.lamport text.tc{fill:\(theme.muted)}
      """
    for (name, colour) in [
      ("ok", theme.ok), ("fail", theme.fail), ("info", theme.info), ("open", theme.open),
    ] {
      css += ".lamport .\(name) rect{fill:\(colour);stroke:\(colour);fill-opacity:.3}"
    }
    for (number, colour) in theme.kinds.enumerated() {
      css += ".lamport .t\(number) path{stroke:\(colour)}.lamport text.t\(number){fill:\(colour)}"
    }
    for (number, colour) in theme.sides.enumerated() {
      css += ".lamport .side\(number){fill:\(colour);fill-opacity:.26}"
    }
    return css
  }
}
