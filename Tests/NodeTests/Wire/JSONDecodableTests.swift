import EddyNode
import Testing

@Suite struct JSONDecodableTests {
  private struct Point: JSONDecodable, Equatable {
    var x, y: Int

    init(x: Int, y: Int) { (self.x, self.y) = (x, y) }

    init(reading reader: inout JSONReader) throws(JSONError) {
      let numbers = try [Int](reading: &reader)
      guard numbers.count == 2 else { throw JSONError(.expectedArray, at: 0) }
      self.init(x: numbers[0], y: numbers[1])
    }
  }

  private func decode<Value: JSONDecodable>(_ text: String, as type: Value.Type) throws -> Value {
    try RawJSON(parsing: text).decoded(as: type)
  }

  @Test func everyTypeReadsWhatItWrites() throws {
    func roundTrip<Value: JSONDecodable & JSONEncodable & Equatable>(_ value: Value) throws {
      #expect(try RawJSON(encoding: value).decoded(as: Value.self) == value)
    }
    try roundTrip([Int.min, 0, Int.max])
    try roundTrip([[true], [], [false, true]])
    try roundTrip(["", "a\"b", "\u{1F600}"])
    try roundTrip([1.5, -0.25])
    try roundTrip([1, nil, 3] as [Int?])
    try roundTrip([RawJSON(7), .null, RawJSON(string: "7")])
    try roundTrip(["a": [1, 2.5, nil]] as JSONValue)
  }

  @Test(arguments: ["1.0", "9223372036854775808", "\"1\"", "null", "[1]"])
  func whatIsNoIntegerIsRefused(text: String) {
    #expect(throws: JSONError.self) { try decode(text, as: Int.self) }
  }

  @Test func aNullIsNilOnlyWhereThatIsAskedFor() throws {
    #expect(try decode("null", as: Int?.self) == nil)
    #expect(try decode("[null, 2]", as: [Int?].self) == [nil, 2])
    #expect(throws: JSONError.self) { try decode("[null, 2]", as: [Int].self) }
    #expect(throws: JSONError.self) { try decode("\"x\"", as: Int?.self) }
  }

  @Test func typesOfOnesOwnAreReadFromMessages() throws {
    let message = try Message(
      parsing: #"{"src":"c1","dest":"n1","body":{"type":"draw","points":[[1,2],[3,4]],"key":"k"}}"#)
    #expect(try message.value("points", as: [Point].self) == [Point(x: 1, y: 2), Point(x: 3, y: 4)])
    #expect(try message.value("points") == [[1, 2], [3, 4]])
    #expect(try message.value("key", as: String.self) == "k")
    #expect(throws: RPCError.malformedRequest(#"the field "colour" is missing"#)) {
      try message.value("colour", as: String.self)
    }
    #expect(throws: RPCError.malformedRequest(#"the field "key" is malformed: expected an integer"#)) {
      try message.value("key", as: Int.self)
    }
  }
}
