/// Reserves areas for labels so that they do not overlap.
///
/// Earlier labels have priority. A label without room is omitted; the tooltip of its element has the text.
struct LabelPlacer {
  struct Box {
    var x, y, width, height: Double

    func overlaps(_ other: Box) -> Bool {
      x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
    }
  }

  /// By cell of a grid: the boxes that overlap it, so that only near boxes are compared.
  private var cells: [Cell: [Box]] = [:]

  private struct Cell: Hashable {
    var column, row: Int
  }

  private static let cellSize = 64.0

  /// Reserves an area. Returns false if it overlaps a reserved one. O(boxes near it).
  mutating func reserve(_ box: Box) -> Bool {
    let cells = Self.cells(of: box)
    for cell in cells where self.cells[cell]?.contains(where: { $0.overlaps(box) }) == true { return false }
    for cell in cells { self.cells[cell, default: []].append(box) }
    return true
  }

  private static func cells(of box: Box) -> [Cell] {
    let columns = Int(box.x / cellSize)...Int((box.x + box.width) / cellSize)
    let rows = Int(box.y / cellSize)...Int((box.y + box.height) / cellSize)
    return columns.flatMap { column in rows.map { Cell(column: column, row: $0) } }
  }
}
