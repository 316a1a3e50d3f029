import EddyHistory
import EddyNode
import EddyTiming
import HistoryScripts
import Testing

struct HistoryFileTests {
  private func decode(_ lines: String...) throws(HistoryFileError) -> History {
    try HistoryFile.decode(Array(lines.joined(separator: "\n").utf8))
  }

  @Test func aHistoryIsWrittenOneEntryALine() {
    var history = History(
      op("broadcast", "7", 12...20), finalRead("[7]", 30...31, on: "n1"),
      op("broadcast", #"{"b":1.50,"a":"\u0041"}"#, 40...5040, .info, error: "net-timeout"))
    history.append(
      Operation(
        time: 6000.ms, process: .nemesis, kind: .info, function: "stop-partition",
        error: OperationError(name: "crash", text: "no such node")))
    history.append(
      Operation(time: 7000.ms, process: .client(3), kind: .invoke, function: "read", node: "n1", client: "c9")
    )
    #expect(
      String(decoding: HistoryFile.encode(history), as: UTF8.self) == """
        {"index":0,"time":12000000,"process":0,"type":"invoke","f":"broadcast","value":7,"node":"n0"}
        {"index":1,"time":20000000,"process":0,"type":"ok","f":"broadcast","value":7,"node":"n0"}
        {"index":2,"time":30000000,"process":1,"type":"invoke","f":"read","final?":true,"node":"n1"}
        {"index":3,"time":31000000,"process":1,"type":"ok","f":"read","value":[7],"final?":true,"node":"n1"}
        {"index":4,"time":40000000,"process":2,"type":"invoke","f":"broadcast","value":{"b":1.50,"a":"\\u0041"},"node":"n0"}
        {"index":5,"time":5040000000,"process":2,"type":"info","f":"broadcast","value":{"b":1.50,"a":"\\u0041"},"error":["net-timeout"],"node":"n0"}
        {"index":6,"time":6000000000,"process":"nemesis","type":"info","f":"stop-partition","error":["crash","no such node"]}
        {"index":7,"time":7000000000,"process":3,"type":"invoke","f":"read","node":"n1","client":"c9"}

        """)
  }

  @Test func whatIsWrittenReadsBackAsItWas() throws {
    let history = History(
      op("broadcast", "7", 12...20), finalRead("[7]", 30...31, on: "n1"), op("f\n\"", "null", 35...36),
      op("broadcast", #"{"b":1.50,"a":"\u0041"}"#, 40...5040, .info, error: "net-timeout"),
      add("340282366920938463463374607431768211455", 50...60, nil))
    let bytes = HistoryFile.encode(history)
    let again = try HistoryFile.decode(bytes)
    #expect(HistoryFile.encode(again) == bytes)
    #expect(again.operations.map(\.kind) == history.operations.map(\.kind))
    #expect(again.operations.map(\.value) == history.operations.map(\.value))
    #expect(again.operations.map(\.error) == history.operations.map(\.error))
    #expect(again.completion(of: again.operations[0])?.index == 1)
  }

  @Test func aValueWithLineFeedsStaysOnOneLine() throws {
    let history = History(add("[1,\n 18446744073709551617]", 0...1, nil))
    let bytes = HistoryFile.encode(history)
    #expect(bytes.count { $0 == UInt8(ascii: "\n") } == 1)
    #expect(try HistoryFile.decode(bytes).operations[0].value == "[1,  18446744073709551617]".json)
  }

  @Test func emptyLinesAndUnknownMembersAreIgnored() throws {
    let history = try decode(
      "", #"{"index":0,"time":1,"process":3,"type":"invoke","f":"read","more":{}}"#, "")
    #expect(history.operations.count == 1)
    #expect(history.operations[0].process == .client(3))
    #expect(history.operations[0].value == nil)
  }

  @Test(arguments: [
    (#"{"index":0,"time":1,"process":0,"type":"invoke"}"#, #"no "f""#),
    (#"{"index":0,"time":1,"process":0,"type":"maybe","f":"read"}"#, #"unknown "type""#),
    (#"{"index":0,"time":1,"process":"c1","type":"ok","f":"read"}"#, #"unknown "process""#),
    (#"{"index":1,"time":1,"process":0,"type":"ok","f":"read"}"#, "expected index 0"),
    (#"{"index":0,"time":1,"process":0,"type":"ok","f":"read","error":[]}"#, #"malformed "error""#),
    (#"{"index":0,"time":1"#, "the input ends too soon at byte 19"),
    ("[]", "expected an object at byte 0"),
  ])
  func aDamagedLineIsNamed(line: String, reason: String) {
    #expect(throws: HistoryFileError(line: 1, reason: reason)) { _ = try decode(line) }
  }

  @Test func aProcessThatInvokesTwiceIsAnError() {
    let first = #"{"index":0,"time":1,"process":0,"type":"invoke","f":"read"}"#
    let second = #"{"index":1,"time":2,"process":0,"type":"invoke","f":"read"}"#
    #expect(throws: HistoryFileError.self) { _ = try decode(first, second) }
    #expect(throws: HistoryFileError.self) {
      _ = try decode(first, #"{"index":1,"time":1,"process":1,"type":"#)
    }
  }
}
