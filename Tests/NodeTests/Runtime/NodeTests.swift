import EddyNode
import EddyTiming
import Testing

/// Answers `ping`, and does what a test tells it to.
private final class Probe: Handler {
  var started = 0
  var onStart: (Node) -> Void = { _ in }
  var onMessage: (Message, Node) -> Void = { _, _ in }

  func start(on node: Node) {
    started += 1
    onStart(node)
  }

  func receive(_ message: Message, on node: Node) throws(RPCError) {
    switch message.type {
    case "ping": node.reply(to: message, type: "pong")
    case "add": _ = try message.integer("delta")
    case "tell": onMessage(message, node)
    default: throw .notSupported(type: message.type)
    }
  }
}

/// A node with what it printed.
private struct Subject {
  let probe = Probe()
  let node: Node

  init(initialized: Bool = true) {
    node = Node(probe, seed: 1, logLevel: .debug)
    if initialized {
      receive(
        #"{"src":"c0","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n0","n1"]}}"#)
      _ = output()
      _ = node.takeLog()
    }
  }

  func receive(_ line: String, at milliseconds: Int = 0) {
    node.receive(line, at: .milliseconds(milliseconds))
  }

  func fire(at milliseconds: Int) { node.fireTimers(at: .milliseconds(milliseconds)) }

  func output() -> [String] {
    var text = ""
    node.drainOutput { text += String(decoding: $0, as: UTF8.self) }
    return text.split(separator: "\n").map(String.init)
  }
}

extension Instant {
  fileprivate static func milliseconds(_ count: Int) -> Instant { .zero + .milliseconds(count) }
}

private func request(_ fields: String, id: Int? = 7) -> String {
  #"{"src":"c9","dest":"n1","body":{\#(fields)\#(id.map { ",\"msg_id\":\($0)" } ?? "")}}"#
}

private func errorReply(_ code: Int, in output: [String]) -> Bool {
  output.count == 1 && output[0].contains(#""type":"error","in_reply_to":7,"code":\#(code),"#)
}

@Suite struct InitializationTests {
  @Test func initIsAnsweredAndStartsTheWorkloadOnce() {
    let subject = Subject(initialized: false)
    subject.receive(request(#""type":"init","node_id":"n1","node_ids":["n0","n1","n2"]"#))
    #expect(subject.output() == [#"{"src":"n1","dest":"c9","body":{"type":"init_ok","in_reply_to":7}}"#])
    #expect(subject.probe.started == 1)
    #expect(subject.node.id == "n1")
    #expect(subject.node.index == 1)
    #expect(subject.node.peers == ["n0", "n2"])
  }

  @Test func requestBeforeInitGetsError11() {
    let subject = Subject(initialized: false)
    subject.receive(request(#""type":"ping""#))
    let output = subject.output()
    #expect(errorReply(11, in: output))
    #expect(output[0].hasPrefix(#"{"src":"n1","dest":"c9""#))
  }

  @Test func identicalSecondInitIsAnsweredButDoesNotStartAgain() {
    let subject = Subject()
    subject.receive(request(#""type":"init","node_id":"n1","node_ids":["n0","n1"]"#))
    #expect(subject.output() == [#"{"src":"n1","dest":"c9","body":{"type":"init_ok","in_reply_to":7}}"#])
    #expect(subject.probe.started == 1)
  }

  @Test(arguments: [
    #""type":"init","node_id":"n2","node_ids":["n1","n2"]"#,
    #""type":"init","node_id":"n1","node_ids":["n1"]"#,
    #""type":"init","node_id":"n1","node_ids":["n1","n0"]"#, #""type":"init""#,
    #""type":"init","node_id":"","node_ids":[""]"#,
  ])
  func differentSecondInitGetsError12AndStartsNothing(fields: String) {
    let subject = Subject()
    subject.receive(request(fields))
    #expect(errorReply(12, in: subject.output()))
    #expect(subject.probe.started == 1)
    #expect(subject.node.id == "n1")
    #expect(subject.node.cluster == ["n0", "n1"])
  }

  @Test(arguments: [
    #""type":"init""#, #""type":"init","node_id":"n1""#, #""type":"init","node_id":1,"node_ids":["n1"]"#,
    #""type":"init","node_id":"n1","node_ids":"n1""#, #""type":"init","node_id":"n1","node_ids":[1]"#,
    #""type":"init","node_id":"n1","node_ids":["n0"]"#, #""type":"init","node_id":"n1","node_ids":[]"#,
    #""type":"init","node_id":"","node_ids":[""]"#, #""type":"init","node_id":"n1","node_ids":["n1",""]"#,
    #""type":"init","node_id":"n1","node_ids":["n1","n0","n1"]"#,
    #""type":"init","node_id":"n1","node_ids":["n1","n0","n0"]"#,
    #""type":"init","node_id":null,"node_ids":["n1"]"#, #""type":"init","node_id":["n1"],"node_ids":["n1"]"#,
    #""type":"init","node_id":"n1","node_ids":["n1",null]"#, #""type":"init","node_ids":["n1"]"#,
    #""type":"init","node_id":"n1","node_ids":{"n1":1}"#,
  ])
  func malformedInitGetsError12AndLeavesTheNodeUninitialized(fields: String) {
    let subject = Subject(initialized: false)
    subject.receive(request(fields))
    #expect(errorReply(12, in: subject.output()))
    #expect(subject.node.id.isEmpty)
    #expect(subject.probe.started == 0)
    subject.receive(request(#""type":"init","node_id":"n1","node_ids":["n1"]"#))
    #expect(subject.output().count == 1)
    #expect(subject.probe.started == 1, "a good init counts all the same")
  }
}

@Suite struct DispatchTests {
  @Test func unknownTypeGetsError10() {
    let subject = Subject()
    subject.receive(request(#""type":"frobnicate""#))
    let output = subject.output()
    #expect(errorReply(10, in: output))
    #expect(output[0].contains(#""text":"this node has no handler for \"frobnicate\"""#))
  }

  @Test(arguments: [#""type":"add""#, #""type":"add","delta":"one""#, #""type":"add","delta":1.5"#])
  func malformedBodyGetsError12(fields: String) {
    let subject = Subject()
    subject.receive(request(fields))
    #expect(errorReply(12, in: subject.output()))
  }

  @Test func errorsAreNotSentToWhoAskedForNoReply() {
    let subject = Subject()
    subject.receive(request(#""type":"frobnicate""#, id: nil))
    #expect(subject.output().isEmpty)
    #expect(subject.node.takeLog().contains { $0.hasPrefix("warning") && $0.contains("not-supported") })
  }

  @Test(arguments: [
    "", "nonsense", "[1,2]", #"{"src":"a","dest":"b"}"#, #"{"src":"a","dest":"b","body":{}}"#, "\u{0}",
  ])
  func lineThatIsNoMessageIsLoggedAndDropped(line: String) {
    let subject = Subject()
    subject.receive(line)
    #expect(subject.output().isEmpty)
    let log = subject.node.takeLog()
    #expect(log.count == 1)
    #expect(log[0].contains("dropped a line offset="))
    subject.receive(request(#""type":"ping""#))
    #expect(subject.output().count == 1)
  }

  @Test func logShowsTheReasonAndTheOffset() {
    let subject = Subject()
    subject.receive(#"{"src":"c1","dest":"n1","body":{"type":tru}}"#, at: 12)
    #expect(subject.node.takeLog().first?.hasPrefix("warning 12.000 ms n1 dropped a line offset=") == true)
  }
}

@Suite struct CallTests {
  @Test func replyRunsTheClosureOnce() {
    let subject = Subject()
    var values: [Int] = []
    subject.probe.onMessage = { _, node in
      node.call("seq-kv", type: "read") {
        $0.field("key", "x")
      } then: { result, _ in
        values.append((try? result.get().integer("value")) ?? -1)
      }
    }
    let id = subject.node.nextCallID
    subject.receive(request(#""type":"tell""#, id: nil))
    #expect(
      subject.output() == [#"{"src":"n1","dest":"seq-kv","body":{"type":"read","msg_id":\#(id),"key":"x"}}"#])
    let reply = #"{"src":"seq-kv","dest":"n1","body":{"type":"read_ok","in_reply_to":\#(id),"value":5}}"#
    subject.receive(reply)
    subject.receive(reply)
    #expect(values == [5])
    #expect(subject.node.nextDeadline == nil)
  }

  @Test func errorReplyIsAFailureWithItsCode() {
    let subject = Subject()
    var failure: RPCError?
    subject.probe.onMessage = { _, node in
      node.call("lin-kv", type: "read") { result, _ in
        if case .failure(let error) = result { failure = error }
      }
    }
    let id = subject.node.nextCallID
    subject.receive(request(#""type":"tell""#, id: nil))
    subject.receive(
      #"{"src":"lin-kv","dest":"n1","body":{"type":"error","in_reply_to":\#(id),"code":20,"text":"no"}}"#)
    #expect(failure == RPCError(code: 20, text: "no"))
  }

  @Test func typesMayBeKnownAtRunTimeOnly() throws {
    let subject = Subject()
    subject.probe.onMessage = { message, node in
      let type = try! message.string("type-to-use")
      node.reply(to: message, type: type) { $0.field("a", 1) }
      node.send(to: "n0", type: type)
      node.call("n0", type: type) {
        $0.field("b", 2)
      } then: { _, _ in
      }
    }
    subject.receive(request(#""type":"tell","type-to-use":"say \"hi\"""#))
    let messages = try subject.output().map { try Message(parsing: $0) }
    #expect(messages.map(\.type) == Array(repeating: #"say "hi""#, count: 3))
    #expect(messages.map(\.inReplyTo) == [7, nil, nil])
    #expect(messages[2].id != nil)
    #expect(try messages[0].integer("a") == 1 && messages[2].integer("b") == 2)
  }

  @Test func callTimesOutAndALateReplyIsIgnored() {
    let subject = Subject()
    var results: [Bool] = []
    subject.probe.onMessage = { _, node in
      node.call("lin-kv", type: "read", timeout: .milliseconds(300)) { result, _ in
        if case .failure(let error) = result { results.append(!error.isDefinite && error.code == 0) }
      }
    }
    let id = subject.node.nextCallID
    subject.receive(request(#""type":"tell""#, id: nil), at: 100)
    subject.fire(at: 399)
    #expect(results.isEmpty)
    subject.fire(at: 400)
    #expect(results == [true])
    subject.receive(#"{"src":"lin-kv","dest":"n1","body":{"type":"read_ok","in_reply_to":\#(id)}}"#, at: 401)
    #expect(results == [true])
  }

  /// A node that was killed comes back under its name, and a reply to its former self with it.
  @Test func incarnationsOfANodeDoNotShareTheIdsOfTheirCalls() {
    let ids = (0..<1000).map { Node(Probe(), seed: $0).nextCallID }
    #expect(Set(ids).count == 1000)
    #expect(ids.allSatisfy { (1...(1 << 31)).contains($0) })
  }

  @Test func finishedCallReleasesItsClosure() {
    final class Token {}
    let subject = Subject()
    weak var weakToken: Token?
    do {
      let token = Token()
      weakToken = token
      subject.probe.onMessage = { _, node in
        node.call("a", type: "x", timeout: .milliseconds(1)) { [token] _, _ in _ = token }
      }
      subject.receive(request(#""type":"tell""#, id: nil))
      subject.probe.onMessage = { _, _ in }
    }
    #expect(weakToken != nil)
    subject.fire(at: 1)
    #expect(weakToken == nil)
  }
}

@Suite struct NodeTimerTests {
  @Test func timersRunInTheOrderOfTheirDeadlinesFirstSetFirst() {
    let subject = Subject()
    var order: [Int] = []
    subject.probe.onMessage = { _, node in
      node.after(.milliseconds(20)) { _ in order.append(3) }
      node.after(.milliseconds(10)) { _ in order.append(1) }
      node.after(.milliseconds(10)) { _ in order.append(2) }
    }
    subject.receive(request(#""type":"tell""#, id: nil))
    #expect(subject.node.nextDeadline == .milliseconds(10))
    subject.fire(at: 30)
    #expect(order == [1, 2, 3])
  }

  @Test func timerCancelledByAnEarlierOneOfTheSameBatchDoesNotRun() {
    let subject = Subject()
    var ran = false
    subject.probe.onMessage = { _, node in
      var second: TimerID?
      node.after(.milliseconds(1)) { node in node.cancel(second!) }
      second = node.after(.milliseconds(2)) { _ in ran = true }
    }
    subject.receive(request(#""type":"tell""#, id: nil))
    subject.fire(at: 10)
    #expect(!ran)
    #expect(subject.node.nextDeadline == nil)
  }

  @Test func timerSetWithoutDelayRunsInALaterBatch() {
    let subject = Subject()
    var runs = 0
    func rearm(_ node: Node) {
      runs += 1
      node.after(.zero, rearm)
    }
    subject.probe.onMessage = { _, node in rearm(node) }
    subject.receive(request(#""type":"tell""#, id: nil))
    subject.fire(at: 0)
    #expect(runs == 2)
    subject.fire(at: 0)
    #expect(runs == 3)
  }

  @Test func repeatingTimerKeepsToMultiplesOfItsInterval() {
    let subject = Subject()
    var ticks: [Instant] = []
    subject.probe.onMessage = { _, node in node.every(.milliseconds(100)) { ticks.append($0.now) } }
    subject.receive(request(#""type":"tell""#, id: nil))
    subject.fire(at: 107)
    #expect(subject.node.nextDeadline == .milliseconds(200))
    subject.fire(at: 555)  // The ticks at 300, 400 and 500 are not made up for.
    #expect(subject.node.nextDeadline == .milliseconds(600))
    #expect(ticks == [.milliseconds(107), .milliseconds(555)])
  }

  @Test func repeatingTimerCanCancelItself() {
    let subject = Subject()
    var ticks = 0
    subject.probe.onMessage = { _, node in
      var timer: TimerID?
      timer = node.every(.milliseconds(10)) { node in
        ticks += 1
        if ticks == 2 { node.cancel(timer!) }
      }
    }
    subject.receive(request(#""type":"tell""#, id: nil))
    for time in stride(from: 10, through: 50, by: 10) { subject.fire(at: time) }
    #expect(ticks == 2)
    #expect(subject.node.nextDeadline == nil)
  }
}

@Suite struct SeededGeneratorTests {
  @Test func sameSeedGivesTheSameNumbers() {
    var (a, b, c) = (SeededGenerator(seed: 42), SeededGenerator(seed: 42), SeededGenerator(seed: 43))
    let (first, second, third) = (
      (0..<8).map { _ in a.next() }, (0..<8).map { _ in b.next() }, (0..<8).map { _ in c.next() }
    )
    #expect(first == second)
    #expect(first != third)
    // Fixed for ever: a stored seed must replay on any machine.
    #expect(first[0] == 1_546_998_764_402_558_742)
  }

  @Test func belowIsUniformEnough() {
    var random = SeededGenerator(seed: 7)
    var counts = [Int](repeating: 0, count: 6)
    for _ in 0..<60_000 { counts[random.below(6)] += 1 }
    #expect(counts.allSatisfy { (9_500...10_500).contains($0) })
  }

  @Test func shuffleKeepsEveryElement() {
    var random = SeededGenerator(seed: 7)
    let shuffled = random.shuffle(Array(0..<100))
    #expect(shuffled.sorted() == Array(0..<100))
    #expect(shuffled != Array(0..<100))
  }
}

@Suite struct ReentrancyTests {
  /// Exclusivity is not checked on the way of a message, so the node itself must notice.
  @Test func aBodyThatCallsBackIntoItsNodeStopsTheProcess() async {
    await #expect(processExitsWith: .failure) {
      let node = Subject().node
      node.send(to: "n0", type: "outer") { _ in node.send(to: "n0", type: "inner") }
    }
  }
}
