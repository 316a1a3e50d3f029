import EddyCheckers
import EddyHistory

/// A table of the challenges' runs, one per line, each figure beside its limit.
///
///     challenge             verdict  msgs/op      median        longest       ok          limits
///     3d   broadcast-3d     valid    1.15 < 30    376 < 400 ms  581 < 600 ms  1.0000      met
///     6a   txn-6a           not run
public struct ChallengeTable: Sendable {
  /// A line of the table.
  public struct Row: Sendable {
    /// The challenge.
    public let challenge: Challenge
    /// The figures of its run; nil if it was not run.
    public let figures: RunFigures?

    /// Creates the line of a challenge.
    public init(_ challenge: Challenge, _ figures: RunFigures?) {
      (self.challenge, self.figures) = (challenge, figures)
    }

    /// Whether every limit is met. True without limits.
    var meetsLimits: Bool { challenge.limits.allSatisfy { $0.value.isMet(by: figures?[$0.key]) } }

    /// Whether it was run, is valid and meets every limit.
    public var isSolved: Bool { figures?.validity == .valid && meetsLimits }
  }

  /// The lines in order.
  public let rows: [Row]

  /// Creates a table of these lines.
  public init(_ rows: [Row]) { self.rows = rows }

  /// Whether every challenge was run, is valid and meets its limits.
  public var isSolved: Bool { rows.allSatisfy(\.isSolved) }

  /// The table and a summary, as text for people.
  public var text: String {
    let heading = ["challenge", "", "verdict", "msgs/op", "median", "longest", "ok", "limits"]
    let cells = [heading] + rows.map(\.cells)
    let widths = heading.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    let lines = cells.map { cells in
      let line = zip(cells, widths).map { cell, width in cell.padded(to: width) }.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
    return (lines + ["", summary]).joined(separator: "\n") + "\n"
  }

  private var summary: String {
    guard !isSolved else { return "All \(rows.count) are valid and meet their limits." }
    let run = rows.filter { $0.figures != nil }
    let problems = [
      (rows.count - run.count, "not run"),
      (run.count { $0.figures?.validity != .valid }, "not valid"),
      (run.count { !$0.meetsLimits }, "beyond a limit"),
    ].filter { $0.0 > 0 }
    return "Of \(rows.count): " + problems.map { "\($0.0) \($0.1)" }.joined(separator: ", ") + "."
  }
}

// MARK: - Cells

extension ChallengeTable.Row {
  fileprivate var cells: [String] {
    guard let figures else {
      return [challenge.number, challenge.name, "not run", "", "", "", "", ""]
    }
    let verdict =
      switch figures.validity {
      case .valid: "valid"
      case .invalid: "invalid"
      case .unknown: "unknown"
      }
    let limits = challenge.limits.isEmpty ? "-" : meetsLimits ? "met" : "missed"
    return [challenge.number, challenge.name, verdict]
      + Challenge.Figure.allCases.map { cell($0, figures[$0]) } + [limits]
  }

  /// Such as "1.15 < 30", or "31.20 ≥ 30" when the limit is missed.
  private func cell(_ figure: Challenge.Figure, _ value: Double?) -> String {
    let text = value.map { figure.text($0) } ?? "-"
    guard let limit = challenge.limits[figure] else { return text + (value == nil ? "" : figure.unit) }
    let isMet = limit.isMet(by: value)
    return switch limit {
    case .below(let bound): "\(text) \(isMet ? "<" : "≥") \(bound.shortest)\(figure.unit)"
    case .atLeast(let bound): "\(text) \(isMet ? "≥" : "<") \(bound.shortest)\(figure.unit)"
    }
  }
}

extension Challenge.Figure {
  fileprivate var unit: String {
    switch self {
    case .messagesPerOperation, .okFraction: ""
    case .medianLatency, .longestLatency: " ms"
    }
  }

  /// Truncated, not rounded, so that no figure appears to meet a limit that it misses.
  fileprivate func text(_ value: Double) -> String {
    switch self {
    case .messagesPerOperation: value.cut(to: 2)
    case .medianLatency, .longestLatency: value.shortest
    case .okFraction: value.cut(to: 4)
    }
  }
}

extension Double {
  /// The number with `digits` digits after the point; the others are truncated.
  fileprivate func cut(to digits: Int) -> String {
    guard magnitude < 1e9 else { return "\(self)" }
    let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
    // Compensates rounding errors in the sixteenth digit.
    let units = Int((magnitude * Double(scale) + 1e-6).rounded(.down))
    let fraction = String(units % Int(scale))
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(self < 0 ? "-" : "")\(units / Int(scale)).\(zeros)\(fraction)"
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: Swift.max(0, width - count))
  }
}
