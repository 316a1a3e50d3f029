import EddyNode
import Testing

/// What RFC 8259 accepts and what it rejects, case by case.
@Suite struct JSONGrammarTests {
  static let accepted: [String] = [
    // Values on their own, with all four kinds of white space and no other.
    "null", "true", "false", "0", #""""#, "[]", "{}", " \t\r\n null \n\r\t ", "[ ]", "{\t}",
    // Structure.
    "[1,2]", "[ 1 , 2 ]", "[[],[[]],{}]", #"{"a":1,"b":[2]}"#, #" { "a" : { "b" : null } } "#,
    #"{"":""}"#, #"{"a":1,"a":2}"#, "[null,true,false,0,\"\",[],{}]",
    // Numbers.
    "-0", "-1", "10", "0.0", "-0.5", "1.25", "1e1", "1E1", "1e+1", "1e-1", "0e0", "0E+5", "-0e-0", "1.5e300",
    "1e400", "-1e400", "1e-400", "123456789012345678901234567890", "9223372036854775808", "0.1e01",
    "1.000000000000000000000000000000000000001",
    // Strings and escapes.
    #""\"\\\/\b\f\n\r\t""#, #""\u0000""#, #""\u00e9\u00E9""#, #""\uD83D\uDE00""#, #""\\u0041""#,
    #""a'b""#, #""/""#, "\"\u{7F}\"", "\"é ß ☃ 😀 \u{10FFFF} \u{2028}\u{FEFF}\"",
    // Half a surrogate pair is within the grammar, whatever it may mean.
    #""\uD800""#, #""\uDC00\uD800""#, #""\uD800\uD800\uDC00""#, #""\uD800x""#, #""\uD800\n""#,
  ]

  static let rejected: [String] = [
    // No value, or more than one.
    "", " ", "\n", "1 2", "[] []", "null,", ",null", "[]]", "{}}", "1]", "\u{FEFF}1",
    // Literals.
    "nul", "nulL", "Null", "TRUE", "tru", "truee", "falsey", "nullnull", "NaN", "Infinity", "-Infinity",
    "undefined", "n", "t", "f",
    // Structure.
    "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1:2]", "[1}", "{]",
    "[\"a\":1]",
    "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{\"a\"}", "{\"a\" 1}", "{\"a\",1}",
    "{a:1}",
    "{'a':1}", "{1:1}", "{null:1}", "{\"a\"::1}", "{\"a\":1 \"b\":2}", "{\"a\":1,,\"b\":2}", "{\"a\":1]",
    "{:1}",
    "{[]:1}", "(1)", "/* */ 1", "1 // one", "# 1",
    // White space of other kinds.
    "\u{B}1", "\u{C}1", "\u{A0}1", "\u{2028}1", "\u{0}1", "1\u{0}",
    // Numbers.
    "-", "+1", "--1", "-+1", "01", "-01", "00", "-00", "1.", ".1", "-.1", "1.e1", "1e", "1e+", "1e-", "1E",
    "1e1.0",
    "1.1.1", "1ee1", "1e1e1", "0x1", "0b1", "1_000", "1,000", "1a", "1e1a", "0a", "- 1", "1 .0", "1. 0",
    "1e 1", "٣",
    "0.", "0e", "0.e1", "2.e+3", "1/2",
    // Strings and escapes.
    "\"", "\"a", "a\"", "'a'", #""\""#, #""\"#, #""\x41""#, #""\a""#, #""\v""#, #""\0""#, #""\'""#, #""\ ""#,
    #""\u""#, #""\u1""#, #""\u12""#, #""\u123""#, #""\u123g""#, #""\u 123""#, #""\u+123""#, #""\U0041""#,
    #""\u00"#,
    "\"\\\u{E9}\"", "\"\n\"", "\"\t\"", "\"\u{0}\"", "\"\u{1F}\"", "\"0123456789\n\"", "\"\\\n\"",
  ]

  /// Inside a string's quotes.
  static let malformedUTF8: [[UInt8]] = [
    [0x80], [0xBF], [0xFE], [0xFF],  // Bytes that start nothing.
    [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xF0, 0x80, 0x80, 0x80],
    [0xF0, 0x8F, 0xBF, 0xBF],  // Overlong forms.
    [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],  // Surrogates.
    [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],  // Beyond U+10FFFF.
    [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80],  // Five and six bytes.
    [0xC3], [0xE2, 0x98], [0xF0, 0x9F, 0x98], [0xE2], [0xF0], [0xF0, 0x9F],  // Cut short.
    [0xC3, 0x28], [0xE2, 0x28, 0x83], [0xE2, 0x98, 0x28], [0xF0, 0x9F, 0x98, 0xC0],  // No continuation.
    [0xC3, 0xA9, 0xA9],  // One continuation too many.
  ]

  @Test(arguments: accepted)
  func whatTheGrammarAllowsIsAccepted(text: String) throws {
    #expect(isAccepted(Array(text.utf8)))
    let trimmed = text.drop { " \t\r\n".utf8.contains($0.utf8.first!) }
    #expect(try trimmed.hasPrefix(RawJSON(parsing: text).description))
    #expect(throws: Never.self) { try JSONValue(parsing: text) }
    let line = #"{"src":"a","dest":"b","other":\#(text),"body":{"type":"t","x":\#(text)}}"#
    #expect(throws: Never.self) { try Message(parsing: line) }
  }

  @Test(arguments: rejected)
  func whatTheGrammarForbidsIsRejected(text: String) {
    #expect(!isAccepted(Array(text.utf8)))
    #expect(throws: JSONError.self) { try RawJSON(parsing: text) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
  }

  /// Wherever the string starts and ends with respect to the scanner's words.
  @Test(arguments: malformedUTF8)
  func malformedUTF8IsRejected(bytes: [UInt8]) {
    for before in 0..<9 {
      for after in 0..<9 {
        let quoted =
          [0x22] + [UInt8](repeating: 0x61, count: before) + bytes + [UInt8](repeating: 0x61, count: after)
          + [0x22]
        #expect(!isAccepted(quoted))
        #expect(!isAccepted([0x7B] + quoted + [0x3A, 0x31, 0x7D]), "as a key")
      }
    }
    #expect(!isAccepted(bytes + [0x31]), "outside of strings")
  }

  @Test func firstAndLastScalarsOfEachLengthAreAccepted() throws {
    for scalar: Unicode.Scalar in [
      "\u{20}", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "\u{10000}",
      "\u{10FFFF}",
    ] {
      for count in 0..<9 {
        let text = String(repeating: "a", count: count) + String(scalar)
        var reader = JSONReader(Array("\"\(text)\"".utf8))
        #expect(try reader.readString() == text)
      }
    }
  }

  @Test func everyControlCharacterIsRejectedAtEveryPlaceInAWord() {
    for control in UInt8(0)..<0x20 {
      for before in 0..<17 {
        let bytes = [0x22] + [UInt8](repeating: 0x61, count: before) + [control, 0x61, 0x61, 0x61, 0x22]
        var reader = JSONReader(bytes)
        let error = #expect(throws: JSONError.self) { try reader.skip() }
        #expect(error?.offset == before + 1)
      }
    }
  }

  @Test func everyByteIsAcceptedAsAStartExactlyIfAValueCanStartWithIt() {
    for byte in UInt8.min...UInt8.max {
      #expect(isAccepted([byte]) == (0x30...0x39).contains(byte), "\(byte)")
    }
  }

  @Test func nestingIsAcceptedUpToTheLimitOnly() {
    for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
      func nested(_ depth: Int) -> [UInt8] {
        let inner = open == "[" ? "" : "1"
        return Array(
          (String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)).utf8)
      }
      #expect(isAccepted(nested(512)))
      #expect(!isAccepted(nested(513)))
      #expect(!isAccepted(nested(100_000)))
    }
    #expect(!isAccepted([UInt8](repeating: 0x5B, count: 1_000_000)))
  }

  @Test func everyPrefixOfAValueIsRejectedAtItsEnd() {
    let text = #"{"a":[1.5e+3,-20,"x\u00e9\n☃"],"b":{"c":[true,false,null]},"d":"0123456789"}"#
    let bytes = Array(text.utf8)
    #expect(isAccepted(bytes))
    for count in 0..<bytes.count {
      var reader = JSONReader(bytes[..<count])
      let error = #expect(throws: JSONError.self) { try reader.skip() }
      #expect(error?.reason == "the input ends too soon")
      #expect(isAccepted(Array(bytes[..<count])) == false)
    }
  }

  @Test func errorsTellWhereAndWhy() {
    for (text, offset, reason) in [
      ("[1,]", 3, "not the start of a value"),
      ("{\"a\" 1}", 5, "expected a colon after an object's key"),
      ("{1:1}", 1, "expected a string as an object's key"),
      ("[1 2]", 3, "expected a comma or ] in an array"),
      ("{\"a\":1 2}", 7, "expected a comma or } in an object"),
      ("[01]", 2, "malformed number"),
      ("[-x]", 2, "malformed number"),
      ("[trux]", 4, "malformed true, false or null"),
      (#"["\x"]"#, 3, "malformed escape sequence"),
      ("1 1", 2, "more after the end of the value"),
      ("", 0, "the input ends too soon"),
    ] {
      let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
      #expect(error?.offset == offset, "\(text)")
      #expect(error?.reason == reason, "\(text)")
      #expect(error?.description == "\(reason) at byte \(offset)")
    }
  }
}

/// Whether the bytes are one JSON value.
func isAccepted(_ bytes: [UInt8]) -> Bool {
  var reader = JSONReader(bytes)
  do {
    try reader.skip()
    try reader.finish()
    return true
  } catch {
    return false
  }
}
