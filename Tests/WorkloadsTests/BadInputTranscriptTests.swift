import EddyNode
import EddyTiming
import EddyWorkloads
import GoldenFiles
import Testing

/// What nodes say to input that is wrong: `Transcripts/bad-input.txt` is the table of it.
@Suite struct BadInputTranscriptTests {
  private static let workloads: [(name: String, make: @Sendable () -> any Handler)] = [
    ("echo", { Echo() }), ("unique-ids", { UniqueIDs() }), ("broadcast", { Broadcast() }),
    ("g-set", { GSet() }), ("g-counter", { Counter(.init(growsOnly: true)) }),
    ("pn-counter", { Counter(.init(growsOnly: false)) }), ("kafka", { Kafka() }),
    ("txn-rw-register", { TxnRegister() }),
  ]

  /// Lines that no node takes, whatever its workload.
  private static let lines = [
    "", "hello", "{", #"{"src":"c1","dest":"n0"}"#, #"{"src":"c1","dest":"n0","body":{}}"#,
    #"{"src":"c1","dest":"n0","body":{"type":7}}"#, #"{"src":"c1","dest":"n0","body":{"type":"echo"}} x"#,
    #"{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":1.5}}"#,
    #"{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":1.0}}"#,
    #"{"src":"c1","dest":"n0","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n0","n1"]}}"#,
    "[1,2,3]", "{\"src\":\"c1\u{1}\"}",
    String(repeating: "[", count: 3000),
  ]

  /// What an `init` says that is wrong, beside its `msg_id`.
  private static let inits = [
    "", #","node_id":"n0""#, #","node_id":0,"node_ids":[0]"#, #","node_id":"","node_ids":[""]"#,
    #","node_id":"n0","node_ids":["n1"]"#, #","node_id":"n0","node_ids":["n0","n1","n1"]"#,
    #","node_id":"n0","node_ids":["n0",1]"#,
  ]

  /// Requests' bodies that are wrong, without their `msg_id`.
  private static let bodies: [String: [String]] = [
    "echo": [#""type":"echo""#, #""type":"shout","echo":1"#],
    "unique-ids": [#""type":"degenerate""#],
    "broadcast": [
      #""type":"broadcast""#, #""type":"topology""#, #""type":"topology","topology":[]"#,
      #""type":"gossip","incarnation":1"#,
    ],
    "g-set": [#""type":"add""#],
    "g-counter": [
      #""type":"add""#, #""type":"add","delta":"1""#, #""type":"add","delta":1.5"#,
      #""type":"add","delta":1.0"#,
      #""type":"add","delta":-1"#,
      #""type":"add","delta":9223372036854775808"#,
    ],
    "pn-counter": [#""type":"add""#, #""type":"add","delta":null"#],
    "kafka": [
      #""type":"send","msg":1"#, #""type":"send","key":"k""#, #""type":"send","key":7,"msg":1"#,
      #""type":"poll""#, #""type":"poll","offsets":{"k":-1}"#, #""type":"poll","offsets":{"k":"0"}"#,
      #""type":"poll","offsets":{"k":0.0}"#, #""type":"poll","offsets":{"k":1}"#,
      #""type":"append","batch":[1,2,9223372036854775807]"#, #""type":"segment","segment":[]"#,
      #""type":"commit_offsets","offsets":{"k":-1}"#, #""type":"list_committed_offsets","keys":"k""#,
    ],
    "txn-rw-register": [
      #""type":"txn""#, #""type":"txn","txn":[["x",1,2]]"#, #""type":"txn","txn":[["r",1]]"#,
      #""type":"txn","txn":[["w",1,2],["r"]]"#, #""type":"txn","txn":7"#,
    ],
  ]

  @Test func badInputGetsTheProtocolsErrors() throws {
    var table: [String] = ["# Any workload"]
    for line in Self.lines { table += try answers({ Echo() }, to: line) }
    table += ["", "# Before init"]
    for fields in Self.inits {
      let line = #"{"src":"c1","dest":"n0","body":{"type":"init","msg_id":1\#(fields)}}"#
      table += try answers({ Echo() }, to: line, isInitialized: false)
    }
    let early = #"{"src":"c1","dest":"n0","body":{"type":"echo","msg_id":1,"echo":1}}"#
    table += try answers({ Echo() }, to: early, isInitialized: false)
    for (name, make) in Self.workloads {
      table += ["", "# \(name)"]
      for body in try #require(Self.bodies[name]) {
        table += try answers(make, to: #"{"src":"c1","dest":"n0","body":{\#(body),"msg_id":9}}"#)
      }
    }
    let text = table.joined(separator: "\n") + "\n"
    #expect(try GoldenFile.text(of: "bad-input", now: text) == text)
  }

  /// The line, and behind arrows what a node prints and logs when it is sent it.
  private func answers(
    _ make: () -> any Handler, to line: String, isInitialized: Bool = true
  ) throws -> [String] {
    let node = Node(make(), seed: 1)
    if isInitialized {
      node.receive(
        #"{"src":"c0","dest":"n0","body":{"type":"init","msg_id":1,"node_id":"n0","node_ids":["n0","n1"]}}"#,
        at: .zero)
    }
    _ = try printed(by: node)
    _ = node.takeLog()
    node.receive(line, at: .zero)
    var answers = try printed(by: node).map { "  → \($0)" }
    #expect(!answers.contains { $0.contains("_ok") }, "it is taken for good")
    answers += node.takeLog().map { "  ⚠ " + $0 }
    #expect(!answers.isEmpty, "\(line) is passed over in silence")
    return [line.count > 200 ? "\(line.prefix(20))… (\(line.count) characters)" : line] + answers
  }

  /// What a node prints to others than its store, which is empty and answers at once.
  private func printed(by node: Node) throws -> [Message] {
    var printed: [Message] = []
    while node.hasOutput {
      var lines: [[UInt8]] = []
      node.drainOutput { lines = $0.split(separator: UInt8(ascii: "\n")).map { Array($0) } }
      for message in try lines.map({ line throws(JSONError) in try Message(parsing: line) }) {
        guard let id = message.id, message.type == "read" else {
          printed.append(message)
          continue
        }
        let error = #"{"type":"error","code":20,"text":"no such key","in_reply_to":\#(id)}"#
        node.receive(#"{"src":"\#(message.destination)","dest":"n0","body":\#(error)}"#, at: .zero)
      }
    }
    return printed
  }
}
