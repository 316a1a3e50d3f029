import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyRun
import EddySimulation
import EddyTiming
import Testing

/// What a node does that ends a run, and in which words the run says so.
struct RunFailureTests {
  /// A run of two nodes, in which the first has said one thing.
  private func run(_ line: String) -> TestRun {
    let options = TestOptions(workload: "echo", nodes: ["n0", "n1"])
    let run = TestRun(options, workload: EchoWorkload(options))
    run.begin(at: .zero)
    Array(line.utf8).withUnsafeBytes { run.receive($0, from: 0, at: .zero) }
    return run
  }

  private func failure(_ line: String) -> String? {
    if case .failed(let failure) = run(line).phase { "\(failure)" } else { nil }
  }

  @Test func aMessageIsNoFailure() {
    #expect(failure(#"{"src":"n0","dest":"n1","body":{"type":"hello"}}"#) == nil)
  }

  @Test func aMessageToNobodyIsShown() {
    let line = #"{"src":"n0","dest":"n7","body":{"type":"hello"}}"#
    #expect(
      failure(line) == """
        node n0 sent a message to "n7", which is no node, client or service of this run.
          \(line)
        """)
  }

  /// Clients are c0 and c1 here; each name has one spelling.
  @Test(arguments: ["c+1", "c01", "c-0", "c2", "c", "C1", "c1 ", "c９"])
  func whatOnlyReadsLikeAClientIsNobody(name: String) {
    let words = failure(#"{"src":"n0","dest":"\#(name)","body":{"type":"hello"}}"#)
    #expect(words?.contains(#"sent a message to "\#(name)", which is no node, client or service"#) == true)
  }

  /// Maelstrom's network takes src, dest, body and id, and nothing else.
  @Test(arguments: [#""time":7"#, #""Id":7"#, #""id":"7""#, #""":{}"#, #""id":null"#])
  func aKeyThatNoMessageHasIsAFailure(member: String) {
    let words = failure(#"{"src":"n0",\#(member),"dest":"n1","body":{"type":"hello"}}"#)
    let key = member.prefix { $0 != ":" }
    #expect(
      words?.hasPrefix("node n0 sent a message with the key \(key) beside \"body\", at byte 13.") == true)
  }

  @Test(arguments: [0, -7, Int.max]) func anIDIsNone(id: Int) {
    #expect(failure(#"{"id":\#(id),"src":"n0","dest":"n1","body":{"type":"hello","time":7}}"#) == nil)
  }

  // Maelstrom's net.clj asserts it: replies to such a message could never be delivered.
  @Test func aMessageFromNobodyIsShown() {
    let line = #"{"src":"n7","dest":"n1","body":{"type":"hello"}}"#
    #expect(
      failure(line) == """
        node n0 sent a message from "n7", which is no node, client or service of this run.
          \(line)
        """)
  }

  @Test func aMalformedLineIsShownWithItsBytesAndTheOffendingOne() {
    #expect(
      failure(#"{"src":"n0"; "\#u{1}é"}"#) == """
        node n0 printed a line on standard output that is not a message: expected a comma or } in an object, \
        at byte 11.
          {"src":"n0"; "\\x01\\xc3\\xa9"}
                     ^
        Standard output is for messages, one JSON object a line; debugging output belongs on standard error.
        """)
  }

  /// Under Maelstrom, too, `1.0` is no reply to 1: its client waits in vain.
  @Test(arguments: ["in_reply_to", "msg_id"])
  func aFractionWhereTheProtocolHasAnIntegerIsNoMessage(field: String) throws {
    let words = try #require(
      failure(#"{"src":"n0","dest":"c0","body":{"type":"init_ok","\#(field)":1.0}}"#))
    #expect(words.contains("expected an integer, without fraction and exponent"))
  }

  @Test func onlyTheSurroundingsOfAnErrorAreShown() throws {
    let words = try #require(failure("{" + String(repeating: " ", count: 500) + "7}"))
    #expect(words.split(separator: "\n").allSatisfy { $0.count < 130 })
  }

  /// Answers every message of another node with one.
  private final class Quarreller: Handler {
    func receive(_ message: Message, on node: Node) throws(RPCError) {
      if message.type == "echo" { node.reply(to: message, type: "echo_ok") { $0.field("echo", 1) } }
      for peer in node.peers { node.send(to: peer, type: "retort") }
    }
  }

  @Test func nodesThatNeverLetTheClockGoOnEndTheRun() {
    let options = TestOptions(workload: "echo", nodes: ["n0", "n1"], latency: Latency(mean: 0))
    let run = TestRun(options, workload: EchoWorkload(options))
    run.limits.burst = 5_000
    SimulatedCluster(run) { _ in Quarreller() }.runToEnd()
    guard case .failed(let failure) = run.phase else {
      Issue.record("the run ended as \(run.phase)")
      return
    }
    #expect(failure.cause == .endlessExchange(count: 5_000))
  }

  @Test func nodesThatQuarrelInTimeDoNot() {
    let options = TestOptions(
      workload: "echo", nodes: ["n0", "n1"], timeLimit: .seconds(2), latency: Latency(mean: 1))
    let run = TestRun(options, workload: EchoWorkload(options))
    run.limits.burst = 500
    SimulatedCluster(run) { _ in Quarreller() }.runToEnd()
    #expect(run.phase == .finished)
  }

  @Test func anErrorWithoutATextIsNamedAlone() throws {
    let run = run(#"{"src":"n0","dest":"c0","body":{"type":"init_ok","in_reply_to":1}}"#)
    let other = #"{"src":"n1","dest":"c1","body":{"type":"init_ok","in_reply_to":1}}"#
    Array(other.utf8).withUnsafeBytes { run.receive($0, from: 1, at: .zero) }
    while run.history.operations.isEmpty { run.advance(to: run.nextDeadline!) }
    for case .deliver(let line, let node) in run.takeActions() {
      guard let request = try? Message(parsing: line), request.type == "echo" else { continue }
      let reply =
        #"{"src":"n\#(node)","dest":"\#(request.source)","body":"#
        + #"{"type":"error","code":11,"in_reply_to":\#(request.id!)}}"#
      Array(reply.utf8).withUnsafeBytes { run.receive($0, from: node, at: run.now) }
    }
    #expect(run.history.operations.compactMap(\.error).map(\.description) == ["temporarily-unavailable"])
  }
}
