// Objects whose members are integers, such as the offsets of kafka's messages by key.

extension JSONReader {
  /// Reads an object of integers: its members as written, in their order. A key that occurs twice is listed twice.
  ///
  /// - Parameter range: The range in which each integer must be; nil for any.
  package mutating func readIntegersByKey(
    in range: Range<Int>? = nil
  ) throws(JSONError) -> [(key: String, value: Int)] {
    var members: [(key: String, value: Int)] = []
    try beginObject()
    while let key = try nextKey() {
      let value = if let range { try readInt(in: range) } else { try readInt() }
      members.append((key, value))
    }
    return members
  }
}

extension JSONWriter {
  /// Writes a field that is an object of integers, its keys in order.
  package mutating func field(_ name: StaticString, sorted integers: [String: Int]) {
    field(name) {
      $0.object { object in
        for (key, integer) in integers.sorted(by: { $0.key < $1.key }) { object.field(key: key, integer) }
      }
    }
  }
}

extension [String: Int] {
  /// The members by key; the last one counts where a key occurs twice.
  package init(lastOf members: [(key: String, value: Int)]) {
    self.init(members.lazy.map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
  }
}
