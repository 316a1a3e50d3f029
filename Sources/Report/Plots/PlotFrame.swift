import EddyHistory
import EddyTiming

/// The common parts of plots over time: axes, grid, tints of faults, and a legend.
struct PlotFrame {
  /// An item of the legend: a symbol, drawn around the origin, and its meaning.
  struct Key {
    var symbol: String
    var text: String
  }

  let title: String
  /// The unit of the vertical axis.
  let unit: String
  let time: PlotScale
  package let value: PlotScale
  package let faults: [FaultInterval]

  static let width = 960.0
  static let height = 300.0
  private static let plot = (left: 64.0, right: 944.0, top: 62.0, bottom: 262.0)

  init(title: String, unit: String, duration: Double, value: PlotScale, faults: [FaultInterval]) {
    self.title = title
    self.unit = unit
    self.value = value
    self.faults = faults
    // A margin for events at the end of the run.
    time = PlotScale(kind: .linear, range: 0...max(duration * 1.02, 0.001))
  }

  func x(_ seconds: Double) -> Double {
    Self.plot.left + time.position(seconds) * (Self.plot.right - Self.plot.left)
  }

  func y(_ value: Double) -> Double {
    Self.plot.bottom - self.value.position(value) * (Self.plot.bottom - Self.plot.top)
  }

  /// A picture with the frame and what `content` draws.
  func picture(_ name: String, keys: [Key], _ content: (inout Markup) -> Void) -> Picture {
    Picture(name: name, title: title, width: Self.width, height: Self.height) { svg in
      drawFaults(&svg)
      drawGrid(&svg)
      content(&svg)
      drawLegend(keys, &svg)
    }
  }

  private func drawFaults(_ svg: inout Markup) {
    for fault in faults where fault.start.inSeconds <= time.range.upperBound {
      let (start, end) = (
        x(fault.start.inSeconds), x(min(fault.end?.inSeconds ?? .infinity, time.range.upperBound))
      )
      svg.element(
        "rect",
        DiagramDrawing.rect("fault", start, Self.plot.top, end - start, Self.plot.bottom - Self.plot.top)
      ) {
        $0.element("title", text: fault.summary)
      }
    }
  }

  private func drawGrid(_ svg: inout Markup) {
    let (left, right) = ("\(px: Self.plot.left)", "\(px: Self.plot.right)")
    for tick in value.ticks {
      let y = "\(px: self.y(tick))"
      svg.element("line", ["class": "grid", "x1": left, "x2": right, "y1": y, "y2": y])
      svg.element(
        "text",
        [
          "class": "tick", "x": "\(px: Self.plot.left - 8)", "y": "\(px: self.y(tick) + 4)",
          "text-anchor": "end",
        ],
        text: tick >= 10_000 ? Int(tick).grouped : tick.short(6))
    }
    for tick in time.ticks {
      svg.element(
        "text",
        [
          "class": "tick", "x": "\(px: x(tick))", "y": "\(px: Self.plot.bottom + 18)",
          "text-anchor": "middle",
        ],
        text: "\(tick.short(3)) s")
    }
    svg.element("text", ["class": "unit", "x": "0", "y": "\(px: Self.plot.top - 10)"], text: unit)
  }

  private func drawLegend(_ keys: [Key], _ svg: inout Markup) {
    let isShaded = !faults.isEmpty
    let all = keys + (isShaded ? [Key(symbol: "", text: "a fault in force")] : [])
    var x = Self.plot.right - all.reduce(0) { $0 + 34 + textWidth($1.text, size: 12) }
    // A legend that is too long extends beyond the right edge, not into the title.
    x = max(x, textWidth(title, size: 15) + 30)
    for key in all {
      svg.element("g", ["transform": "translate(\(px: x + 10),14)"]) { svg in
        if key.symbol.isEmpty {
          svg.element("rect", DiagramDrawing.rect("fault key", -10, -8, 18, 16, radius: 2))
        } else {
          svg.raw(key.symbol)
        }
        svg.element("text", ["class": "key", "x": "14", "y": "4"], text: key.text)
      }
      x += 34 + textWidth(key.text, size: 12)
    }
  }
}
