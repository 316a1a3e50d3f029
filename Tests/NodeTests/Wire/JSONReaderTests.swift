import EddyNode
import Testing

@Suite struct JSONReaderTests {
  private func reader(_ text: String) -> JSONReader { JSONReader(Array(text.utf8)) }

  @Test func typedValuesAreReadInOrder() throws {
    var reader = reader(
      #" { "n" : [ 1 , 2 , [ ] , { } ] , "s" : "x" , "b" : true , "z" : null , "d" : 1.5 } "#)
    try reader.beginObject()
    #expect(try reader.nextKey() == "n")
    try reader.beginArray()
    #expect(try reader.nextElement())
    #expect(try reader.readInt() == 1)
    #expect(try reader.nextElement())
    #expect(try reader.readInt() == 2)
    #expect(try reader.nextElement())
    try reader.beginArray()
    #expect(try !reader.nextElement())
    #expect(try reader.nextElement())
    try reader.beginObject()
    #expect(try reader.nextKey() == nil)
    #expect(try !reader.nextElement())
    #expect(try reader.nextKey() == "s")
    #expect(try reader.readString() == "x")
    #expect(try reader.nextKey() == "b")
    #expect(try reader.readBool())
    #expect(try reader.nextKey() == "z")
    try reader.readNull()
    #expect(try reader.nextKey() == "d")
    #expect(try reader.readDouble() == 1.5)
    #expect(try reader.nextKey() == nil)
    try reader.finish()
  }

  @Test func peekTellsTheKindAndConsumesNothing() throws {
    let kinds: [(String, JSONReader.Kind?)] = [
      (" null", .null), ("true", .bool), ("false", .bool), ("-1", .number), ("0", .number), ("\"\"", .string),
      ("[", .array), ("{", .object), ("]", nil), ("", nil), ("x", nil),
    ]
    for (text, kind) in kinds { #expect(reader(text).peek() == kind) }
    var reader = reader(" 7")
    _ = reader.peek()
    #expect(try reader.readInt() == 7)
  }

  @Test(arguments: [
    ("0", 0), ("-0", 0), ("7", 7), ("-7", -7), ("100", 100),
    ("9223372036854775807", .max), ("-9223372036854775808", .min),
    ("1000000000000000000", 1_000_000_000_000_000_000),
    ("999999999999999999", 999_999_999_999_999_999), ("-1000000000000000000", -1_000_000_000_000_000_000),
  ])
  func integersAreExact(text: String, expected: Int) throws {
    var reader = reader(text)
    #expect(try reader.readInt() == expected)
    try reader.finish()
  }

  @Test(arguments: [
    "9223372036854775808", "-9223372036854775809", "10000000000000000000", "18446744073709551616",
    "99999999999999999999999",
  ])
  func anIntegerBeyond64BitsIsRejected(text: String) { expectNoInteger(text, "an integer beyond 64 bits") }

  /// As Maelstrom's schemas have it: `1` and `1.0` are different values.
  @Test(arguments: [
    "1.0", "1e2", "1E+2", "-1.50e1", "100e-2", "0e5", "0.000", "-0.0e9", "0e99999999999999999999",
    "12.5e1", "922337203685477580.7e1", "9.223372036854775807E18", "1000000000000000000000000e-24",
    "9223372036854775808.0", "99999999999999999999e0", "1e19", "-1e19", "1.5", "-0.5", "1e-1",
    "1e99999999999999999999", "0.1234567890123456789012345",
  ])
  func aNumberWithAFractionOrAnExponentIsNoInteger(text: String) {
    expectNoInteger(text, "expected an integer, without fraction and exponent")
  }

  private func expectNoInteger(_ text: String, _ reason: String) {
    var reader = reader(text)
    let error = #expect(throws: JSONError.self) { try reader.readInt() }
    #expect(error == reader.errorOfReadingAnInteger)
    #expect(error?.reason == reason)
    #expect(throws: Never.self, "still a number") { try reader.readDouble() }
  }

  @Test(arguments: ["01", "-", "-a", "1.", "1e", "00", "1.e5", "0123456789012345678901"])
  func malformedIntegersAreRejected(text: String) {
    var reader = reader(text)
    #expect(throws: JSONError.self) {
      _ = try reader.readInt()
      try reader.finish()
    }
  }

  @Test func doublesAreTheNearestOnes() throws {
    for (text, expected) in [
      ("0.1", 0.1), ("-2.5e-3", -0.0025), ("1e400", .infinity), ("-1e400", -.infinity), ("1e-400", 0),
      ("3", 3),
      ("1.7976931348623157e308", .greatestFiniteMagnitude), ("5e-324", .leastNonzeroMagnitude),
      ("9007199254740993", 9_007_199_254_740_992),
      ("0.1000000000000000055511151231257827021181583404541015625", 0.1),
    ] {
      var reader = reader(text)
      #expect(try reader.readDouble() == expected)
      try reader.finish()
    }
    var minusZero = reader("-0")
    #expect(try minusZero.readDouble().sign == .minus)
  }

  @Test(arguments: [
    (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u2603""#, "Aé☃"),
    (#""\uD83D\uDE00!""#, "😀!"), (#""\ud83d\ude00""#, "😀"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"),
    (#""\uD800\uDC00""#, "\u{10000}"), (#""\u0000""#, "\0"), (#""a\\u0041""#, #"a\u0041"#),
    // Half a pair stands for the replacement character, whatever follows it.
    (#""\uD800""#, "\u{FFFD}"), (#""\uDC00""#, "\u{FFFD}"), (#""\uDC00\uD800""#, "\u{FFFD}\u{FFFD}"),
    (#""\uD800\uD83D\uDE00""#, "\u{FFFD}😀"), (#""\uD800\u0041""#, "\u{FFFD}A"),
    (#""\uD800\n""#, "\u{FFFD}\n"),
    (#""\uD800A""#, "\u{FFFD}A"), (#""\uD800\\uDC00""#, "\u{FFFD}\\uDC00"),
  ])
  func escapesAreDecoded(text: String, expected: String) throws {
    var reader = reader(text)
    #expect(try Array(reader.readString().utf8) == Array(expected.utf8))
    try reader.finish()
  }

  @Test func aReadThatThrowsLeavesTheReaderWhereItWas() throws {
    var reader = reader(#"[ 1.5 , {"a" 1} ]"#)
    try reader.beginArray()
    _ = try reader.nextElement()
    #expect(throws: JSONError.self) { try reader.readInt() }
    #expect(throws: JSONError.self) { try reader.readString() }
    #expect(throws: JSONError.self) { try reader.readBool() }
    #expect(throws: JSONError.self) { try reader.readNull() }
    #expect(throws: JSONError.self) { try reader.beginArray() }
    #expect(throws: JSONError.self) { try reader.beginObject() }
    #expect(throws: JSONError.self) { try reader.finish() }
    #expect(try reader.readDouble() == 1.5)
    _ = try reader.nextElement()
    #expect(throws: JSONError.self) { try reader.readValue() }
    #expect(throws: JSONError.self) { try reader.readRaw() }
    try reader.beginObject()
    #expect(throws: JSONError.self) { try reader.nextKey() }
    #expect(throws: JSONError.self) { try reader.nextKey() }
  }

  @Test func commasAreDemandedBetweenMembersAndNowhereElse() throws {
    for text in ["[,1]", "[1,]", "[1 1]", "[1,,1]"] {
      var reader = reader(text)
      #expect(throws: JSONError.self) {
        try reader.beginArray()
        while try reader.nextElement() { _ = try reader.readInt() }
      }
    }
    for text in [#"{,"a":1}"#, #"{"a":1,}"#, #"{"a":1 "b":1}"#, #"{"a":1,,"b":1}"#] {
      var reader = reader(text)
      #expect(throws: JSONError.self) {
        try reader.beginObject()
        while try reader.nextKey() != nil { _ = try reader.readInt() }
      }
    }
  }

  @Test func bracketsMustMatch() {
    for text in ["[}", "[1}"] {
      var reader = reader(text)
      #expect(throws: JSONError.self) {
        try reader.beginArray()
        while try reader.nextElement() { try reader.skip() }
      }
    }
    for text in ["{]", "{\"a\":1]"] {
      var reader = reader(text)
      #expect(throws: JSONError.self) {
        try reader.beginObject()
        while try reader.nextKey() != nil { try reader.skip() }
      }
    }
  }

  @Test func finishDemandsThatEverythingIsClosed() throws {
    var reader = reader("[1")
    try reader.beginArray()
    _ = try reader.nextElement()
    _ = try reader.readInt()
    #expect(throws: JSONError.self) { try reader.finish() }
  }

  @Test func nestingIsLimitedWhenPulledToo() throws {
    var reader = reader(String(repeating: "[", count: 513))
    for _ in 0..<512 {
      try reader.beginArray()
      #expect(try reader.nextElement())
    }
    #expect(throws: JSONError.self) { try reader.beginArray() }
    #expect(throws: JSONError.self) { try reader.skip() }
  }

  @Test func aSliceIsReadInPlaceWithOffsetsOfItsBase() throws {
    let line = Array("xx [1, 22] yy".utf8)
    var reader = JSONReader(line[2..<11])
    let value = try reader.readSlice()
    #expect(value.indices == 3..<10)
    try reader.finish()
    var broken = JSONReader(line[2..<8])
    let error = #expect(throws: JSONError.self) { try broken.skip() }
    #expect(error?.offset == 8)
  }

  @Test func nothingBeyondTheSliceIsRead() {
    for (text, count) in [
      ("12345", 3), ("true", 3), (#""abc""#, 4), ("[1]", 2), ("1.5", 2), (#""\u0041""#, 5),
    ] {
      var reader = JSONReader(Array(text.utf8)[..<count])
      let isNumber = text == "12345"
      #expect((try? reader.readRaw())?.description == (isNumber ? "123" : nil))
    }
  }

  @Test func theEmptySliceHasNoValue() {
    var reader = JSONReader([])
    #expect(reader.peek() == nil)
    #expect(throws: JSONError.self) { try reader.skip() }
    #expect(throws: JSONError.self) { try reader.readInt() }
    #expect(throws: JSONError.self) { try reader.beginArray() }
  }

  @Test func keysAreDecodedAndDuplicatesAreGivenTwice() throws {
    var reader = reader(#"{"\u0061":1,"a":2}"#)
    try reader.beginObject()
    #expect(try reader.nextKey() == "a")
    try reader.skip()
    #expect(try reader.nextKey() == "a")
    try reader.skip()
    #expect(try reader.nextKey() == nil)
  }

  @Test func integersByKeyKeepTheirOrderAndTheirRange() throws {
    let text = #"{"b":2,"a":1,"b":3}"#
    var reader = JSONReader(Array(text.utf8))
    let members = try reader.readIntegersByKey()
    #expect(members.map(\.key) == ["b", "a", "b"])
    #expect(members.map(\.value) == [2, 1, 3])
    #expect([String: Int](lastOf: members) == ["a": 1, "b": 3])
    var limited = JSONReader(Array(text.utf8))
    #expect(throws: JSONError.self) { try limited.readIntegersByKey(in: 0..<3) }
  }
}

extension JSONReader {
  /// What another attempt throws: an error must not have moved the reader.
  fileprivate var errorOfReadingAnInteger: JSONError? {
    var copy = self
    do {
      _ = try copy.readInt()
      return nil
    } catch {
      return error
    }
  }
}
