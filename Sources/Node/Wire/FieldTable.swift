/// Where the members of an object lie in a line, in the order they were written.
///
/// It keeps its memory when it is emptied. Unlike an array it has one owner, so no access checks whether
/// its storage is shared.
struct FieldTable: ~Copyable {
  struct Field {
    var key: JSONString
    var value: Range<Int>
  }

  private var fields: UnsafeMutablePointer<Field>
  private var capacity = 16
  private(set) var count = 0

  init() { fields = .allocate(capacity: capacity) }

  deinit { fields.deallocate() }

  subscript(position: Int) -> Field {
    precondition(position < count)
    return fields[position]
  }

  mutating func removeAll() { count = 0 }

  @inline(__always)
  mutating func append(_ field: Field) {
    if count == capacity { grow() }
    (fields + count).initialize(to: field)
    count += 1
  }

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<Field>.allocate(capacity: 2 * capacity)
    larger.moveInitialize(from: fields, count: count)
    fields.deallocate()
    fields = larger
    capacity *= 2
  }
}
