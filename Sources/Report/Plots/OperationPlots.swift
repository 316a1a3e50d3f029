import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyTiming

/// Plots of operations over time: latencies, their quantiles, and the rate.
struct OperationPlots {
  private struct Point {
    var seconds: Double
    var milliseconds: Double
    var function: Int
    var outcome: Operation.Kind
  }

  private let points: [Point]
  private let functions: [String]
  private let duration: Double
  private let faults: [FaultInterval]
  private let scale: PlotScale

  /// The outcomes, in the order of drawing and stacking.
  private static let outcomes: [Operation.Kind] = [.ok, .info, .fail]
  /// The approximate number of windows of a plot.
  private static let windows = 50.0

  init(_ history: History) {
    let completions = history.clientOperations.filter { $0.kind != .invoke }
    let functions = Set(completions.map(\.function)).sorted()
    points = completions.compactMap { completion in
      guard let latency = history.latency(of: completion),
        let function = functions.firstIndex(of: completion.function)
      else { return nil }
      let start = completion.time - latency
      return Point(
        seconds: start.inSeconds, milliseconds: latency.milliseconds, function: function,
        outcome: completion.kind)
    }
    self.functions = functions
    faults = history.faults
    duration = completions.map(\.time.inSeconds).max() ?? 1
    scale = .fitting(points.map(\.milliseconds))
  }

  /// All plots; only the rate if all latencies are zero, as between clients and nodes in virtual time.
  var all: [Picture] {
    points.contains { $0.milliseconds > 0 } ? [latencies, quantiles, rate] : [rate]
  }

  private func frame(_ title: String, _ unit: String, _ value: PlotScale) -> PlotFrame {
    PlotFrame(title: title, unit: unit, duration: duration, value: value, faults: faults)
  }

  /// The style class of a function's colour.
  private func style(_ function: Int) -> String { "f\(function % Theme.light.kinds.count)" }
}

// MARK: - Latencies

extension OperationPlots {
  /// Every operation as a point whose colour is the function and whose shape is the outcome.
  ///
  /// Points of one kind at the same position are drawn once, which bounds the size of the file.
  private var latencies: Picture {
    let frame = frame("Latency of each operation", "ms", scale)
    let keys =
      functions.indices.map {
        PlotFrame.Key(symbol: mark("key \(style($0))", .ok, "M0 0h0"), text: functions[$0])
      }
      + [Operation.Kind.fail, .info].filter { kind in points.contains { $0.outcome == kind } }.map { kind in
        PlotFrame.Key(
          symbol: mark("neutral", kind, Self.shape(kind)), text: kind == .fail ? "failed" : "indeterminate")
      }
    return frame.picture("latency-raw", keys: keys) { svg in
      for outcome in Self.outcomes {
        for function in functions.indices {
          let path = self.path(frame, function, outcome)
          if !path.isEmpty { svg.raw(mark(style(function), outcome, path)) }
        }
      }
    }
  }

  private func path(_ frame: PlotFrame, _ function: Int, _ outcome: Operation.Kind) -> String {
    var seen: Set<String> = []
    var path = ""
    for point in points where point.function == function && point.outcome == outcome {
      let (x, y) = (frame.x(point.seconds), frame.y(point.milliseconds))
      let position = "M\(px: (x * 2).rounded() / 2) \(px: (y * 2).rounded() / 2)"
      if seen.insert(position).inserted { path += position + Self.shape(outcome).dropFirst(4) }
    }
    return path
  }

  private func mark(_ style: String, _ outcome: Operation.Kind, _ path: String) -> String {
    var svg = Markup()
    svg.element("g", ["class": "dot \(style)"]) {
      $0.element("path", ["class": outcome.rawValue, "d": path])
    }
    return svg.string
  }

  /// The path of a symbol around the origin: a dot, a cross or a triangle.
  private static func shape(_ outcome: Operation.Kind) -> String {
    switch outcome {
    case .ok, .invoke: "M0 0h0"
    case .fail: "M0 0m-4 -4l8 8m0 -8l-8 8"
    case .info: "M0 0m0 -5l5 9h-10z"
    }
  }
}

// MARK: - Quantiles and rate

extension OperationPlots {
  /// The length of a window, in seconds.
  private var window: Double { PlotScale.roundStep(max(duration / Self.windows, 0.001)) }

  /// The points by window, in the order of time.
  private func windows(_ isIncluded: (Point) -> Bool) -> [(start: Double, points: [Point])] {
    var windows: [(start: Double, points: [Point])] = []
    let count = Int((duration / window).rounded(.down)) + 1
    for number in 0..<count { windows.append((Double(number) * window, [])) }
    for point in points where isIncluded(point) {
      windows[min(count - 1, max(0, Int(point.seconds / window)))].points.append(point)
    }
    return windows
  }

  private var quantiles: Picture {
    let frame = frame(
      "Latency quantiles of each \(Duration.nanoseconds(Int(window * 1e9)).short)", "ms", scale)
    let names = ["median", "95 %", "99 %", "longest"]
    let keys =
      functions.indices.map { PlotFrame.Key(symbol: line(style($0), 0, "M-8 0H8"), text: functions[$0]) }
      + names.indices.map { PlotFrame.Key(symbol: line("neutral", $0, "M-8 0H8"), text: names[$0]) }
    return frame.picture("latency-quantiles", keys: keys) { svg in
      for function in functions.indices {
        let windows = windows { $0.function == function }
        let curves: [(Quantiles<Double>) -> Double] = [\.median, \.p95, \.p99, \.maximum]
        for (number, curve) in curves.enumerated() {
          var path = ""
          var isBroken = true
          for window in windows {
            // A window without operations interrupts the line; a single window is a dot.
            let quantiles = Quantiles(window.points.map(\.milliseconds))
            defer { isBroken = quantiles == nil }
            guard let quantiles else { continue }
            let x = min(window.start + self.window / 2, duration)
            path +=
              "\(isBroken ? "M" : "L")\(px: frame.x(x)) \(px: frame.y(curve(quantiles)))\(isBroken ? "h0" : "")"
          }
          svg.raw(line(style(function), number, path))
        }
      }
    }
  }

  private func line(_ style: String, _ quantile: Int, _ path: String) -> String {
    var svg = Markup()
    svg.element("g", ["class": "line \(style)"]) { $0.element("path", ["class": "q\(quantile)", "d": path]) }
    return svg.string
  }

  /// Completions per second, stacked by outcome.
  private var rate: Picture {
    var counts = windows { _ in true }.map { _ in Self.outcomes.map { _ in 0 } }
    for point in points {
      let end = point.seconds + point.milliseconds / 1000
      let index = min(counts.count - 1, max(0, Int(end / window)))
      counts[index][Self.outcomes.firstIndex(of: point.outcome) ?? 0] += 1
    }
    let highest = counts.map { $0.reduce(0, +) }.max() ?? 0
    let frame = frame("Operations completed per second", "1/s", .linear(upTo: Double(highest) / window))
    let used = Self.outcomes.indices.filter { outcome in counts.contains { $0[outcome] > 0 } }
    let names = ["ok", "indeterminate", "failed"]
    let keys = used.map { outcome in
      var symbol = Markup()
      symbol.element(
        "rect", DiagramDrawing.rect("area \(Self.outcomes[outcome].rawValue)", -8, -7, 16, 14, radius: 2))
      return PlotFrame.Key(symbol: symbol.string, text: names[outcome])
    }
    return frame.picture("rate", keys: keys) { svg in
      for outcome in used {
        var path = ""
        for (index, count) in counts.enumerated() where count[outcome] > 0 {
          let below = count[..<outcome].reduce(0, +)
          let (top, bottom) = (
            frame.y(Double(below + count[outcome]) / window), frame.y(Double(below) / window)
          )
          // The last bar keeps its full width even if the run ended within the window.
          let end = Double(index + 1) * window
          path +=
            "M\(px: frame.x(Double(index) * window)) \(px: bottom)V\(px: top)H\(px: frame.x(end))V\(px: bottom)z"
        }
        svg.element("path", ["class": "area \(Self.outcomes[outcome].rawValue)", "d": path])
      }
    }
  }
}
