/// Gives texts places where they cover no other text.
///
/// Whoever asks first is served first; what finds no place is not written, and its tooltip tells
/// what it would have said.
struct LabelPlacer {
  struct Box {
    var x, y, width, height: Double

    func overlaps(_ other: Box) -> Bool {
      x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
    }
  }

  /// Boxes by the cells of a grid that they touch, so that only neighbours are compared.
  private var cells: [Cell: [Box]] = [:]

  private struct Cell: Hashable {
    var column, row: Int
  }

  private static let cellSize = 64.0

  /// Takes a place if it is free. O(1) where texts do not crowd.
  mutating func claim(_ box: Box) -> Bool {
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
