import EddyNode
import Testing

@Suite struct JSONValueTests {
  @Test func aLabelSaysWhetherATextIsJSONOrAString() throws {
    #expect(try RawJSON(parsing: "[1, 2]").description == "[1, 2]")
    #expect(RawJSON(string: "[1, 2]").description == #""[1, 2]""#)
    #expect(try RawJSON(parsing: "null") == .null)
    #expect(RawJSON(string: "null") != .null)
  }

  @Test func kindsOfNumbersAreKeptApart() throws {
    for (text, value) in [
      ("1", JSONValue.integer(1)), ("-9223372036854775808", .integer(.min)), ("1.0", .double(1)),
      ("1e2", .double(100)),
      ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("-1e400", .double(-.infinity)),
    ] {
      #expect(try JSONValue(parsing: text) == value)
    }
    guard case .double(let zero) = try JSONValue(parsing: "-0") else {
      Issue.record("-0 has a sign that no integer keeps")
      return
    }
    #expect(zero.sign == .minus)
    #expect(JSONValue.integer(1) != .double(1))
  }

  @Test func literalsBuildTrees() throws {
    let value: JSONValue = ["a": [1, 2.5, "x", true, nil], "b": [:]]
    #expect(value.description == #"{"a":[1,2.5,"x",true,null],"b":{}}"#)
    #expect(try JSONValue(parsing: value.description) == value)
    #expect(JSONValue(7) == 7)
    #expect(value["a"]?[1] == 2.5)
    #expect(value["a"]?[5] == nil)
    #expect(value["a"]?[-1] == nil)
    #expect(value["c"] == nil)
    #expect(value[0] == nil)
    #expect(value["a"]?["b"] == nil)
  }

  @Test func objectsKeepTheOrderOfTheirKeysAndTheLastOfEqualOnes() throws {
    let value = try JSONValue(parsing: #"{"b":1,"a":2,"b":3}"#)
    #expect(value.description == #"{"b":3,"a":2}"#)
  }

  @Test func equalityOfObjectsIgnoresOrder() throws {
    let (a, b) = (try JSONValue(parsing: #"{"x":1,"y":2}"#), try JSONValue(parsing: #"{"y":2,"x":1}"#))
    #expect(a == b)
    #expect(Set([a, b]).count == 1)
    #expect(try a != JSONValue(parsing: #"{"x":1,"y":3}"#))
    #expect(try a != JSONValue(parsing: #"{"x":1}"#))
    #expect(try a != JSONValue(parsing: #"{"x":1,"z":2}"#))
  }

  /// RFC 8259, section 8.3. `String` by itself would call them the same.
  @Test func canonicallyEquivalentTextsDiffer() throws {
    let value = try JSONValue(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}")
    #expect(value["\u{E9}"] == 1)
    #expect(value["e\u{301}"] == 2)
    #expect(JSONValue.string("\u{E9}") != .string("e\u{301}"))
    #expect(RawJSON(string: "\u{E9}") != RawJSON(string: "e\u{301}"))
    #expect(Set([RawJSON(string: "\u{E9}"), RawJSON(string: "e\u{301}")]).count == 2)
  }

  /// Smaller objects are searched, larger ones indexed.
  @Test(arguments: [1, 2, 15, 16, 17, 18, 100])
  func objectsOfEverySizeBehaveAsOrderedDictionaries(count: Int) {
    var object = JSONObject()
    for number in 0..<count { object["k\(number)"] = .integer(number) }
    object["k0"] = "changed"
    #expect(object.count == count)
    #expect(object["k0"] == "changed")
    #expect(object["k\(count - 1)"] == (count == 1 ? "changed" : .integer(count - 1)))
    #expect(object["k\(count)"] == nil)
    #expect(object.keys == (0..<count).map { "k\($0)" })
    object["k0"] = nil
    object["none"] = nil
    #expect(object.keys == (1..<count).map { "k\($0)" })
    for number in 1..<max(count, 1) { #expect(object["k\(number)"] == .integer(number)) }
    object["k0"] = 0
    #expect(object.keys.last == "k0")
  }
}

@Suite struct RawJSONTests {
  @Test(arguments: [
    "1.50", "1E+2", "-0", "1e400", #""\u0041\/\uD800""#, "[ 1 ,2 ]", #"{"a" : 1, "a":2}"#,
    "12345678901234567890123",
  ])
  func valuesAreKeptAsWritten(text: String) throws {
    let raw = try RawJSON(parsing: " \(text)\n")
    #expect(raw.description == text)
    #expect(Array(raw.bytes) == Array(text.utf8))
    var writer = JSONWriter()
    writer.value(raw)
    #expect(writer.bytes == Array(text.utf8))
  }

  @Test func equalityGoesByBytes() throws {
    #expect(try RawJSON(parsing: "1") == RawJSON(1))
    #expect(try RawJSON(parsing: "1") != RawJSON(parsing: "1.0"))
    #expect(try RawJSON(parsing: #""A""#) == RawJSON(string: "A"))
    #expect(try RawJSON(parsing: #""\u0041""#) != RawJSON(string: "A"))
    #expect(try Set([RawJSON(1), RawJSON(parsing: "1"), RawJSON(2)]).count == 2)
  }

  @Test func orderGoesByBytes() throws {
    let values = [RawJSON(string: "b"), RawJSON(string: "a"), RawJSON(10), RawJSON(9), RawJSON(string: "aa")]
    #expect(values.sorted().map(\.description) == [#""a""#, #""aa""#, #""b""#, "10", "9"])
  }

  @Test func decodingGivesTheTree() throws {
    #expect(try RawJSON(parsing: #"{"a":[1,2.5,"\u0041"]}"#).decoded() == ["a": [1, 2.5, "A"]])
    #expect(RawJSON(encoding: ["a": 1] as JSONValue).description == #"{"a":1}"#)
    #expect(RawJSON(string: "a\"b").decoded() == "a\"b")
  }

  /// Whoever accepts a value can send it on inside a message that others accept.
  @Test func nestingIsLimitedToHalfOfWhatReadersAccept() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(RawJSON.nestingLimit == 256)
    let deepest = try RawJSON(parsing: nested(256))
    #expect(throws: JSONError.self) { try RawJSON(parsing: nested(257)) }
    let line = #"{"src":"a","dest":"b","body":{"type":"t","values":[[\#(deepest)]]}}"#
    var values = try Message(parsing: line).reader("values")
    try values.beginArray()
    _ = try values.nextElement()
    try values.beginArray()
    _ = try values.nextElement()
    #expect(try values.readRaw() == deepest)
  }
}
