/// The colours of all pictures and pages, for light and dark backgrounds.
///
/// A style sheet is a function of the colours and is written twice, for dark backgrounds within a
/// `prefers-color-scheme` query. Custom properties would be shorter, but SVG viewers other than browsers do
/// not support them. The theme has many stored properties because each is one colour of a palette.
struct Theme {
  /// The background, and that of headers, tables and code.
  var paper, panel: String
  /// Text, secondary text, thin lines.
  var ink, muted, line: String
  /// Message types, functions and quantiles.
  var kinds: [String]
  /// Traffic from and to clients.
  var client: String
  /// Outcomes of operations.
  var ok, fail, info, open: String
  /// The tint of faults over all lanes, and of the sides of a partition.
  package var fault: String
  var sides: [String]

  static let light = Theme(
    paper: "#ffffff", panel: "#f5f6f8", ink: "#1c2430", muted: "#5d6878", line: "#dde1e7",
    kinds: ["#2f66b5", "#b8622a", "#7a51a8", "#1f8a8a", "#b23d63", "#7d7420", "#4a8a3c", "#5a6fd0"],
    client: "#97a1af", ok: "#2e8b57", fail: "#c93a3a", info: "#c98500", open: "#8a94a3", fault: "#d98a00",
    sides: ["#2f66b5", "#d9822b", "#4a8a3c", "#8a5fb0"])

  static let dark = Theme(
    paper: "#14181f", panel: "#1c222b", ink: "#e3e8ef", muted: "#95a1b2", line: "#2c3440",
    kinds: ["#6ea3ee", "#e59a63", "#b491e0", "#4fc4c4", "#ea7fa2", "#c9be58", "#86c777", "#98a8f5"],
    client: "#66727f", ok: "#55b983", fail: "#f06c6c", info: "#e8b04a", open: "#7f8a99", fault: "#e0a030",
    sides: ["#6ea3ee", "#e59a63", "#86c777", "#b491e0"])

  /// A style sheet with the rules for both themes.
  static func stylesheet(_ rules: (Theme) -> String) -> String {
    rules(light) + "@media(prefers-color-scheme:dark){\(rules(dark))}"
  }

  /// Fonts that are installed on common systems: the page loads none.
  static let sans = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif"
  static let mono = "ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono',monospace"
}

/// An estimate of the width of a text in pixels, from a mean character width. Good enough to avoid overlaps.
func textWidth(_ text: String, size: Double) -> Double { Double(text.count) * size * 0.57 }
