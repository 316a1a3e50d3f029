import EddyCheckers
import EddyHistory

/// Draws a cycle of transactions: each as a box with a cell per micro-operation, one below the other, with an
/// arrow from the micro-operation that precedes to the one that follows. The last arrow returns to the first box.
struct CycleDrawing {
  private let cycle: TransactionCycle
  private let boxes: [Box]

  /// The geometry of a transaction.
  private struct Box {
    var top: Double
    var width: Double
    /// The left edge and the width of each micro-operation's cell.
    var cells: [(x: Double, width: Double)]

    /// The middle of a cell, or of the box.
    func middle(of cell: Int?) -> Double {
      guard let cell, cells.indices.contains(cell) else { return CycleDrawing.left + width / 2 }
      return cells[cell].x + cells[cell].width / 2
    }
  }

  private static let left = 24.0
  private static let firstTop = 62.0
  private static let boxHeight = 58.0
  private static let gap = 62.0
  private static let cellHeight = 24.0
  private static let fontSize = 12.0
  private static let returnMargin = 26.0

  init(_ cycle: TransactionCycle) {
    self.cycle = cycle
    boxes = cycle.transactions.enumerated().map { number, transaction in
      var x = Self.left + 10
      let cells = transaction.steps.map { step in
        let width = textWidth(step, size: Self.fontSize * 1.08) + 16
        defer { x += width + 6 }
        return (x, width)
      }
      let heading = textWidth(Self.heading(transaction), size: Self.fontSize) + 24
      return Box(
        top: Self.firstTop + Double(number) * (Self.boxHeight + Self.gap),
        width: max(x + 4 - Self.left, heading, 160), cells: cells)
    }
  }

  private static func heading(_ transaction: TransactionCycle.Transaction) -> String {
    "\(transaction.name)  \(transaction.place)"
  }

  /// Where the last arrow goes up: to the right of all boxes and labels.
  private var returnX: Double {
    let labels = cycle.dependencies.indices.dropLast().map { number in
      max(start(number).x, end(number).x) + labelWidth(cycle.dependencies[number]) + 16
    }
    return max(boxes.map { Self.left + $0.width }.max() ?? 0, labels.max() ?? 0) + Self.returnMargin
  }

  /// Where the arrow from a transaction begins.
  private func start(_ number: Int) -> (x: Double, y: Double) {
    (boxes[number].middle(of: cycle.dependencies[number].steps.first), boxes[number].top + Self.boxHeight)
  }

  /// Where the arrow from a transaction ends: at the next one, or at the first.
  private func end(_ number: Int) -> (x: Double, y: Double) {
    let isLast = number == boxes.count - 1
    let step = isLast && cycle.hiddenCount > 0 ? nil : cycle.dependencies[number].steps.second
    let box = boxes[isLast ? 0 : number + 1]
    return (box.middle(of: step), box.top - 2)
  }

  private func labelWidth(_ dependency: TransactionCycle.Dependency) -> Double {
    textWidth("\(dependency.relation)  \(dependency.label)", size: Self.fontSize)
  }

  private var bottom: Double { (boxes.last?.top ?? 0) + Self.boxHeight }

  func picture(_ name: String) -> Picture {
    let title = "\(cycle.name): each transaction precedes the next"
    let last = start(boxes.count - 1).x + (cycle.dependencies.last.map(labelWidth) ?? 0)
    let width = max(returnX, last, textWidth(title, size: 17)) + 24
    return Picture(name: name, title: title, width: width, height: bottom + 64) { svg in
      drawMarkers(&svg)
      for (number, box) in boxes.enumerated() { draw(cycle.transactions[number], box, &svg) }
      for number in cycle.dependencies.indices { drawDependency(number, &svg) }
    }
  }
}

// MARK: - Transactions

extension CycleDrawing {
  private func draw(_ transaction: TransactionCycle.Transaction, _ box: Box, _ svg: inout Markup) {
    svg.element(
      "rect",
      [
        "class": "box", "x": "\(px: Self.left)", "y": "\(px: box.top)", "width": "\(px: box.width)",
        "height": "\(px: Self.boxHeight)", "rx": "6",
      ])
    svg.element("text", ["x": "\(px: Self.left + 10)", "y": "\(px: box.top + 18)"]) { text in
      text.element("tspan", ["class": "name"], text: transaction.name)
      text.element("tspan", ["class": "place", "dx": "8"], text: transaction.place)
    }
    for (step, cell) in zip(transaction.steps, box.cells) {
      let y = box.top + Self.boxHeight - Self.cellHeight - 7
      svg.element(
        "rect",
        [
          "class": "step", "x": "\(px: cell.x)", "y": "\(px: y)", "width": "\(px: cell.width)",
          "height": "\(px: Self.cellHeight)", "rx": "4",
        ])
      svg.element(
        "text", ["class": "mono", "x": "\(px: cell.x + 8)", "y": "\(px: y + 16)"], text: step)
    }
  }
}

// MARK: - Dependencies

extension CycleDrawing {
  private static let relations = ["ww", "wr", "rw", "process", "realtime"]

  private func drawMarkers(_ svg: inout Markup) {
    svg.element("defs") { defs in
      for relation in Self.relations {
        defs.element(
          "marker",
          [
            "id": "cycle-\(relation)", "viewBox": "0 0 8 8", "refX": "7", "refY": "4", "markerWidth": "7",
            "markerHeight": "7", "orient": "auto",
          ]
        ) { $0.element("path", ["class": "\(relation) head", "d": "M0 0L8 4L0 8z"]) }
      }
    }
  }

  /// The arrow from a transaction to the next one, with its label.
  private func drawDependency(_ number: Int, _ svg: inout Markup) {
    let dependency = cycle.dependencies[number]
    let (start, end) = (start(number), end(number))
    let isLast = number == boxes.count - 1
    let half = (start.y + end.y) / 2
    if isLast {
      let (down, up) = (start.y + 24, Self.firstTop - 16)
      draw(
        dependency,
        "M\(px: start.x) \(px: start.y)V\(px: down - 8)q0 8 8 8H\(px: returnX - 8)q8 0 8 -8V\(px: up + 8)q0 -8 -8 -8"
          + "H\(px: end.x + 8)q-8 0 -8 8V\(px: end.y)", &svg)
    } else {
      draw(
        dependency,
        "M\(px: start.x) \(px: start.y)C\(px: start.x) \(px: half) \(px: end.x) \(px: half) \(px: end.x) \(px: end.y)",
        &svg)
    }
    let corner = isLast ? (x: start.x, y: start.y + 42) : (x: max(start.x, end.x), y: half + 4)
    drawLabel(dependency, x: corner.x + 12, y: corner.y, &svg)
    if isLast, cycle.hiddenCount > 0 {
      svg.element(
        "text", ["class": "place", "x": "\(px: start.x + 12)", "y": "\(px: start.y + 58)"],
        text: "by way of \(cycle.hiddenCount.grouped) more transactions")
    }
  }

  private func draw(_ dependency: TransactionCycle.Dependency, _ path: String, _ svg: inout Markup) {
    svg.element(
      "path",
      ["class": "\(dependency.relation) edge", "d": path, "marker-end": "url(#cycle-\(dependency.relation))"])
  }

  private func drawLabel(
    _ dependency: TransactionCycle.Dependency, x: Double, y: Double, _ svg: inout Markup
  ) {
    svg.element("text", ["class": "halo", "x": "\(px: x)", "y": "\(px: y)"]) { text in
      text.element("tspan", ["class": "\(dependency.relation) name"], text: dependency.relation)
      text.element("tspan", ["dx": "6"], text: dependency.label)
    }
  }
}

// MARK: - Style

extension CycleDrawing {
  static let stylesheet = shapes + Theme.stylesheet(colours)

  private static let shapes = """
    .plot .box,.plot .step{stroke-width:1}.plot .mono{font-family:\(Theme.mono)}.plot .name{font-weight:600}\
    .plot .edge{fill:none;stroke-width:1.8}.plot .process.edge,.plot .realtime.edge{stroke-dasharray:5 3}\
    .plot .halo{paint-order:stroke;stroke-width:4;stroke-linejoin:round}
    """

  private static func colours(_ theme: Theme) -> String {
    var css = """
      .plot .box{fill:\(theme.panel);stroke:\(theme.line)}.plot .step{fill:\(theme.paper);stroke:\(theme.line)}\
      .plot .place{fill:\(theme.muted)}.plot .halo{stroke:\(theme.paper)}
      """
    let colours = [theme.kinds[0], theme.ok, theme.fail, theme.kinds[2], theme.muted]
    for (relation, colour) in zip(relations, colours) {
      css +=
        ".plot .\(relation).edge{stroke:\(colour)}.plot .\(relation).head,.plot .\(relation).name{fill:\(colour)}"
    }
    return css
  }
}
