import EddyNode
import Testing

@Suite struct JSONWriterTests {
  private func written(_ body: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    body(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test func commasSeparateWhatNeedsSeparating() {
    let text = written {
      $0.object {
        $0.field("empty") { $0.array { _ in } }
        $0.field("none") { $0.object { _ in } }
        $0.field("list") {
          $0.array {
            $0.value(1)
            $0.array { $0.value(2) }
            $0.object { $0.field("a", 3) }
            $0.null()
            $0.value("x")
          }
        }
        $0.field("last", true)
      }
    }
    #expect(text == #"{"empty":[],"none":{},"list":[1,[2],{"a":3},null,"x"],"last":true}"#)
  }

  @Test func everyKindOfFieldIsWritten() throws {
    let raw = try RawJSON(parsing: "[1.50, 2]")
    let text = written {
      $0.object {
        $0.field("int", 1)
        $0.field("int64", Int.min)
        $0.field("bool", false)
        $0.field("double", 0.5)
        $0.field("string", "s")
        $0.field("literal", "li\"teral" as StaticString)
        $0.field("raw", raw)
        $0.field("value", ["k": nil] as JSONValue)
        $0.field("optional", nil as Int?)
        $0.field("array", [1, 2])
        $0.field(key: "dyn\"amic", 7)
        $0.field(key: "nested") { $0.null() }
      }
    }
    #expect(
      text
        == #"{"int":1,"int64":-9223372036854775808,"bool":false,"double":0.5,"string":"s","literal":"li\"teral","raw":[1.50, 2],"#
        + #""value":{"k":null},"optional":null,"array":[1,2],"dyn\"amic":7,"nested":null}"#)
  }

  @Test func integersOfEveryLengthAreWritten() {
    var integers: [Int] = [0, -1, .max, .min, .max - 1, .min + 1]
    var power: Int = 1
    for _ in 0..<19 {
      integers += [power, power - 1, power + 1, -power, -power + 1, -power - 1]
      power &*= 10
    }
    for integer in integers { #expect(written { $0.value(integer) } == String(integer)) }
  }

  @Test func doublesReadBackAsTheSameNumber() throws {
    for double in [
      0.1, -0.0, 1, 1e21, 1.5e-7, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .pi, .infinity,
      -.infinity,
    ] {
      var reader = JSONReader(Array(written { $0.value(double) }.utf8))
      #expect(try reader.readDouble().bitPattern == double.bitPattern)
      try reader.finish()
    }
    #expect(written { $0.value(Double.nan) } == "null")
  }

  @Test func onlyWhatMustBeEscapedIs() {
    #expect(
      written { $0.value("\"\\/\u{8}\u{C}\n\r\t\0\u{1F}\u{7F}é😀") } == #""\"\\/\b\f\n\r\t\u0000\u001f"#
        + "\u{7F}é😀\"")
  }

  /// Word-wise scanning and copying must not depend on where in a string a character stands.
  @Test func stringsOfEveryLengthReadBack() throws {
    for character in ["\"", "\\", "\n", "\u{1}", "é", "😀", "b"] {
      for before in 0..<20 {
        for after in 0..<20 {
          let text = String(repeating: "a", count: before) + character + String(repeating: "z", count: after)
          let json = written { $0.value(text) }
          var reader = JSONReader(Array(json.utf8))
          #expect(try reader.readString() == text)
          try reader.finish()
          #expect(written { $0.object { $0.field(key: text, 1) } } == "{\(json):1}")
        }
      }
    }
  }

  @Test func aLongTextOutgrowsTheBufferAndIsKept() {
    let text = String(repeating: "0123456789\n", count: 100_000)
    let json = written { $0.array { for _ in 0..<3 { $0.value(text) } } }
    let quoted = "\"" + String(repeating: #"0123456789\n"#, count: 100_000) + "\""
    #expect(json == "[\(quoted),\(quoted),\(quoted)]")
  }

  @Test func encodedBytesAreCopiedAsValues() {
    let run = Array("1,2".utf8)
    let text = written {
      $0.array {
        $0.encoded(run[...])
        $0.encoded([])
        $0.encoded(run[2...])
        $0.encoded("{}")
        $0.value(3)
      }
    }
    #expect(text == "[1,2,2,{},3]")
  }

  @Test func linesAreSeparatedByLineFeedsOnly() {
    var writer = JSONWriter()
    for line in 1...2 {
      writer.object { $0.field("line", line) }
      writer.endLine()
    }
    let first = writer.count / 2
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "{\"line\":1}\n{\"line\":2}\n")
    writer.object { $0.field("line", 3) }
    writer.truncate(to: first)
    writer.object { $0.field("line", 4) }
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "{\"line\":1}\n{\"line\":4}")
    writer.removeAll(keepingCapacity: true)
    writer.value(5)
    #expect(writer.bytes == Array("5".utf8))
    writer.removeAll()
    #expect(writer.count == 0)
  }

  @Test func errorsPassThroughNestedWriters() {
    var writer = JSONWriter()
    #expect(throws: RPCError.abort()) {
      try writer.object { (object) throws(RPCError) in
        try object.field("a") { (_) throws(RPCError) in throw .abort() }
      }
    }
  }
}
