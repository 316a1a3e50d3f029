import EddyNode

// Numbers of messages between nodes, within the limits that keep arithmetic on them safe.

extension Message {
  func integer(_ field: String, in range: Range<Int>) throws(RPCError) -> Int {
    let number = try integer(field)
    guard range.contains(number) else {
      throw .malformedRequest("the field \"\(field)\" must be in \(range)")
    }
    return number
  }

  /// An array of integers, one for each range.
  func integers(_ field: String, in ranges: [Range<Int>]) throws(RPCError) -> [Int] {
    let numbers = try value(field, as: [Int].self)
    guard numbers.count == ranges.count, zip(ranges, numbers).allSatisfy({ $0.contains($1) }) else {
      throw .malformedRequest("the field \"\(field)\" must hold integers in \(ranges)")
    }
    return numbers
  }
}

extension JSONReader {
  /// The next `count` elements of an array, 0 for those that are not there.
  mutating func readNextIntegers(_ count: Int) throws(JSONError) -> [Int] {
    var numbers: [Int] = []
    while numbers.count < count, try nextElement() { numbers.append(try readInt()) }
    while numbers.count < count { numbers.append(0) }
    return numbers
  }
}
