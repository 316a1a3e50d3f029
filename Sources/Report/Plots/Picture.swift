/// A drawing with a name and a title, for a separate file or for a page.
struct Picture {
  /// The name of the file, without extension.
  let name: String
  let title: String
  private let width: Double
  private let height: Double
  /// The markup of the drawing, below the title.
  private let content: String

  init(name: String, title: String, width: Double, height: Double, _ content: (inout Markup) -> Void) {
    self.name = name
    self.title = title
    self.width = width
    self.height = height
    var markup = Markup()
    content(&markup)
    self.content = markup.string
  }

  /// The picture as an SVG file.
  var svg: String { draw(stylesheet: Self.stylesheet) + "\n" }

  /// The picture as an element of a page that contains ``stylesheet``.
  var element: String { draw(stylesheet: "") }

  private func draw(stylesheet: String) -> String {
    var svg = Markup()
    svg.element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "class": "plot", "width": "\(px: width)",
        "height": "\(px: height)",
        "viewBox": "0 0 \(px: width) \(px: height)", "role": "img",
      ]
    ) { svg in
      svg.element("title", text: title)
      if !stylesheet.isEmpty { svg.element("style") { $0.raw(stylesheet) } }
      svg.element("rect", ["class": "paper", "width": "100%", "height": "100%"])
      svg.element("text", ["class": "title", "x": "0", "y": "18"], text: title)
      svg.raw(content)
    }
    return svg.string
  }

  static let stylesheet =
    shapes + Theme.stylesheet(colours) + CycleDrawing.stylesheet + RegisterTimelineDrawing.stylesheet

  private static let shapes = """
    .plot{font:12px \(Theme.sans)}.plot .title{font-size:15px;font-weight:600}\
    .plot .tick,.plot .unit{font-size:11px;font-variant-numeric:tabular-nums}.plot .grid{stroke-width:1}\
    .plot .dot path,.plot .line path{fill:none;stroke-linecap:round;stroke-linejoin:round}\
    .plot .dot .ok{stroke-width:4;stroke-opacity:.65}.plot .key .ok{stroke-width:9;stroke-opacity:1}.plot .dot .fail,.plot .dot .info{stroke-width:1.6}\
    .plot .line path{stroke-width:1.8}.plot .q1{stroke-dasharray:8 3}.plot .q2{stroke-dasharray:4 3}\
    .plot .q3{stroke-dasharray:1 4}.plot .value{font-size:11px;font-variant-numeric:tabular-nums}

    """

  private static func colours(_ theme: Theme) -> String {
    var css = """
      .plot .paper{fill:\(theme.paper)}.plot text{fill:\(theme.ink)}\
      .plot .tick,.plot .unit,.plot .key{fill:\(theme.muted)}.plot .grid{stroke:\(theme.line)}\
      .plot .fault{fill:\(theme.fault);fill-opacity:.12}.plot .cell{fill:\(theme.kinds[0])}\
      .plot .lost{fill:\(theme.fail)}.plot .servers{fill:\(theme.kinds[0])}.plot .clients{fill:\(theme.client)}\
      .plot .empty{fill:\(theme.panel)}.plot .onfull{fill:\(theme.paper)}.plot .neutral path{stroke:\(theme.muted)}
      """
    for (name, colour) in [("ok", theme.ok), ("fail", theme.fail), ("info", theme.info)] {
      css += ".plot .area.\(name){fill:\(colour);fill-opacity:.75}"
    }
    for (number, colour) in theme.kinds.enumerated() { css += ".plot .f\(number) path{stroke:\(colour)}" }
    return css
  }
}
