import EddyNode
import EddyTiming
import EddyWorkloads
import Testing

/// Messages between nodes that no node of the cluster can have sent. The node ignores them, and lives.
@Suite struct HostileRaftTests {
  /// The first of three nodes, which answers a write after the message if it still can.
  private final class Script {
    let node = Node(LinKV(), seed: 1)
    var now = Instant.zero
    var output = ""

    init() { receive("c0", #""type":"init","msg_id":1,"node_id":"n0","node_ids":["n0","n1","n2"]"#) }

    func receive(_ source: String, _ body: String) {
      node.receive(#"{"src":"\#(source)","dest":"n0","body":{\#(body)}}"#, at: now)
      collect()
    }

    func advance(_ milliseconds: Int) {
      let end = now + .milliseconds(milliseconds)
      while let deadline = node.nextDeadline, deadline <= end {
        now = max(now, deadline)
        node.fireTimers(at: now)
      }
      now = end
      collect()
    }

    private func collect() { node.drainOutput { output += String(decoding: $0, as: UTF8.self) } }

    /// Becomes the leader of term 1 by the second node's votes.
    func lead() {
      advance(2000)
      let vote = #""type":"vote","term":1,"granted":true,"last":[0,0],"leader_term":0"#
      receive("n1", vote + #","preliminary":true"#)
      receive("n1", vote)
      #expect(output.contains("append_entries"))
    }
  }

  private static let vastNumber = (1 << 60) - 1

  @Test func anEchoOfAStampThatWasNotSentProvesNothing() {
    let script = Script()
    script.lead()
    let report = #""type":"report","term":1,"matches":1,"at":1000"#
    script.receive("n1", report + #","echo":\#(Self.vastNumber)"#)
    script.receive("c1", #""type":"read","msg_id":2,"key":1"#)
    #expect(!script.output.contains("key does not exist"))
  }

  @Test func aFollowerReportsNoCommandsOfAnotherNode() {
    let script = Script()
    script.lead()
    script.receive(
      "n1", #""type":"report","term":1,"matches":1,"echo":0,"at":1,"commands":[2,900,900,["write",1,"no"]]"#)
    script.advance(1000)
    #expect(!script.output.contains(#""no""#))
  }

  private func append(_ after: String, _ entries: String, commit: Int) -> String {
    #""type":"append_entries","term":1,"after":\#(after),"entries":\#(entries),"commit":\#(commit),"at":1000"#
  }

  @Test func whatIsCommittedStays() {
    let script = Script()
    script.receive("n1", append("[0,0]", #"[[1],[1,1,900,900,["write",1,4]]]"#, commit: 2))
    #expect(script.output.contains(#""matches":2"#))
    script.output = ""
    script.receive("n1", append("[1,1]", #"[[0,1,900,901,["write",1,5]]]"#, commit: 2))
    #expect(script.output.isEmpty)
    script.receive("n1", append("[1,2]", #"[[1]]"#, commit: 3))
    #expect(script.output.contains(#""matches":3"#))
  }

  /// The session is that of a node that starts at time zero.
  @Test func commandsOfThisProcessThatItHasNotSentAreRefused() {
    let script = Script()
    script.receive("n1", append("[0,0]", #"[[1],[1,0,1,1,["write",1,4]]]"#, commit: 2))
    #expect(!script.output.contains("matches"))
  }

  @Test(arguments: [Int.max, vastNumber, 3]) func aSnapshotMayHaveAnyNumbersOfCommands(number: Int) {
    let script = Script()
    script.receive("c1", #""type":"write","msg_id":2,"key":1,"value":5"#)
    script.receive(
      "n1",
      #""type":"snapshot","term":1,"position":[1,9],"sessions":[\#(number),0,0],"offset":0,"total":2,"at":1,"data":"[]""#
    )
    for key in 2..<9 { script.receive("c\(key)", #""type":"write","msg_id":2,"key":\#(key),"value":5"#) }
    script.receive("n1", append("[1,9]", #"[[1]]"#, commit: 10))
    script.receive(
      "n1",
      append(
        "[1,10]", #"[[1,0,1,1,\#(Array(repeating: #"["write",1,5]"#, count: 8).joined(separator: ","))]]"#,
        commit: 11))
    script.advance(1000)
    script.receive("c9", #""type":"frobnicate","msg_id":9"#)
    #expect(script.output.contains(#""code":10"#))
  }
}
