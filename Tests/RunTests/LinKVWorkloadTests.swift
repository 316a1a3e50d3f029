import EddyHistory
import EddyNetwork
import EddyNode
import EddyRun
import EddySimulation
import EddyTiming
import HistoryScripts
import Testing

/// What the clients of lin-kv ask, and which of them, after Jepsen's `linearizable-register`.
@Suite struct LinKVWorkloadTests {
  /// Answers every request, or all but each n-th.
  private final class Answering: Handler {
    private let period: Int
    private var count = 0

    init(silentEach period: Int) { self.period = period }

    func receive(_ message: Message, on node: Node) throws(RPCError) {
      count += 1
      if count % period == 0 { return }
      node.reply(to: message, type: message.type + "_ok") {
        if message.type == "read" { $0.field("value", 1) }
      }
    }
  }

  private func history(
    nodes: Int, concurrency: Int, keyCount: Int? = nil, silentEach period: Int = .max, seconds: Int = 60,
    rate: Double = 100
  ) -> History {
    var options = TestOptions(
      workload: "lin-kv", nodes: TestOptions.nodeNames(nodes), concurrency: concurrency,
      timeLimit: .seconds(seconds), rate: rate, seed: 3)
    options.keyCount = keyCount
    let run = TestRun(options, workload: LinKVWorkload(options))
    SimulatedCluster(run) { _ in Answering(silentEach: period) }.runToEnd()
    return run.history
  }

  private func invocations(_ history: History) -> [Operation] {
    history.clientOperations.filter { $0.kind == .invoke }
  }

  private func key(_ operation: Operation) -> Int {
    guard case .integer(let key)? = operation.value?.decoded()[0] else { return -1 }
    return Int(key)
  }

  private func share(_ function: String, of operations: [Operation]) -> Double {
    Double(operations.count { $0.function == function }) / Double(operations.count)
  }

  // MARK: Requests and replies

  private func converse(_ function: String, _ value: String, reply: String) throws -> (String, Outcome?) {
    let options = TestOptions(workload: "lin-kv", nodes: ["n0"])
    var client = LinKVWorkload(options).makeClient(process: 0, node: "n0")
    guard case .send(let request) = client.invoke(Invocation(function, value.json)) else { return ("", nil) }
    var writer = JSONWriter()
    writer.object {
      $0.field("type", request.type)
      request.fields(&$0)
    }
    let message = try Message(parsing: #"{"src":"n0","dest":"c0","body":\#(reply)}"#)
    guard case .complete(let outcome) = client.receive(message) else { return ("", nil) }
    return (String(decoding: writer.bytes, as: UTF8.self), outcome)
  }

  @Test(arguments: [
    ("read", "[7,null]", #"{"type":"read","key":7}"#, #"{"type":"read_ok","value":3}"#, "[7,3]"),
    ("read", "[7,null]", #"{"type":"read","key":7}"#, #"{"type":"read_ok","value":null}"#, "[7,null]"),
    ("write", "[7,3]", #"{"type":"write","key":7,"value":3}"#, #"{"type":"write_ok"}"#, "[7,3]"),
    ("cas", "[7,[3,4]]", #"{"type":"cas","key":7,"from":3,"to":4}"#, #"{"type":"cas_ok"}"#, "[7,[3,4]]"),
  ])
  func requestsAndRepliesHaveMaelstromsFields(
    function: String, value: String, request: String, reply: String, result: String
  ) throws {
    let (body, outcome) = try converse(function, value, reply: reply)
    #expect(body == request)
    guard case .ok(let completed)? = outcome else {
      Issue.record("\(String(describing: outcome))")
      return
    }
    #expect(completed == result.json)
  }

  @Test(arguments: [
    ("read", #"{"type":"read_ok"}"#), ("read", #"{"type":"read_ok","value":1,"version":2}"#),
    ("write", #"{"type":"cas_ok"}"#), ("cas", #"{"type":"cas_ok","value":1}"#),
  ])
  func aReplyOfAnotherShapeIsNoAnswer(function: String, reply: String) throws {
    guard case .info(let error)? = try converse(function, "[7,[3,4]]", reply: reply).1 else {
      Issue.record("\(reply) was accepted")
      return
    }
    #expect(error.name == "malformed-reply")
  }

  // MARK: Time-out

  @Test(arguments: [(0.0, 1000), (50, 1000), (100, 1000), (250, 2500)])
  func theTimeOutIsTenLatenciesAndASecondAtLeast(latency: Double, milliseconds: Int) {
    let options = TestOptions(workload: "lin-kv", nodes: ["n0"], latency: Latency(mean: latency))
    #expect(LinKVWorkload(options).requestTimeout == .milliseconds(milliseconds))
  }

  @Test func anOperationWithoutAnAnswerTakesASecond() {
    let history = history(nodes: 1, concurrency: 2, silentEach: 1, seconds: 3)
    let ends = history.clientOperations.filter { $0.kind != .invoke }
    #expect(!ends.isEmpty)
    for end in ends {
      let start = history.invocation(of: end)?.time ?? .zero
      #expect(end.time - start == .seconds(1))
      #expect(end.kind == (end.function == "read" ? .fail : .info))
      #expect(end.error?.name == "net-timeout")
    }
  }

  // MARK: Generator

  /// As in Maelstrom's runs: 25, 25 and 50 per cent with `4n` on three nodes, 51, 17 and 32 with `2n` on one.
  @Test(arguments: [(3, 12, 0.25), (1, 2, 0.5)])
  func theMixOfFunctionsIsMaelstroms(nodes: Int, concurrency: Int, reads: Double) {
    let invocations = invocations(history(nodes: nodes, concurrency: concurrency))
    #expect(invocations.count > 5000)
    #expect(abs(share("read", of: invocations) - reads) < 0.02)
    #expect(abs(share("write", of: invocations) - (1 - reads) / 3) < 0.02)
    #expect(abs(share("cas", of: invocations) - (1 - reads) * 2 / 3) < 0.02)
  }

  @Test func theFirstThreadsReadAndTheSecondGroupHasNoReader() {
    let invocations = invocations(history(nodes: 3, concurrency: 12))
    for operation in invocations {
      guard case .client(let process) = operation.process else { continue }
      #expect((operation.function == "read") == (process < 3))
      #expect(key(operation) == process / 6)
    }
    #expect(abs(Double(invocations.count { key($0) == 0 }) / Double(invocations.count) - 0.5) < 0.03)
  }

  @Test func valuesAreFromZeroToFourEachAsOften() {
    let values = invocations(history(nodes: 3, concurrency: 12)).flatMap { operation -> [JSONValue] in
      guard operation.function != "read", let value = operation.value?.decoded()[1] else { return [] }
      if case .array(let pair) = value { return pair }
      return [value]
    }
    for value in 0..<5 {
      let count = values.count { $0 == JSONValue(value) }
      #expect(abs(Double(count) / Double(values.count) - 0.2) < 0.02)
    }
  }

  /// Unanswered operations leave crashed processes behind.
  @Test(arguments: [(3, 12, 20), (1, 2, 20), (11, 22, 22)])
  func aKeyHasALimitedNumberOfProcesses(nodes: Int, concurrency: Int, limit: Int) {
    let history = history(nodes: nodes, concurrency: concurrency, silentEach: 20)
    var processes: [Int: Set<Operation.Process>] = [:]
    for operation in invocations(history) { processes[key(operation), default: []].insert(operation.process) }
    #expect(processes.count > 2)
    // Any order: each key is judged alone.
    for (_, all) in processes { #expect(all.count <= limit) }
    #expect(processes.values.map(\.count).max() ?? 0 > limit / 2)
  }

  @Test func keysInUseCanBeGivenByNumber() {
    let one = invocations(history(nodes: 3, concurrency: 12, keyCount: 1))
    #expect(Set(one.map(key)) == [0])
    #expect(abs(share("read", of: one) - 0.5) < 0.03)
    let many = invocations(history(nodes: 3, concurrency: 12, keyCount: 1000))
    #expect(Set(many.map(key)).count > 900)
    #expect(abs(share("read", of: many) - 0.25) < 0.03)
  }

  @Test(arguments: [1, 2, 3, 5, 7, 13, 20]) func anyNumberOfClientsIsEnough(concurrency: Int) {
    let invocations = invocations(history(nodes: 3, concurrency: concurrency, seconds: 20))
    #expect(Set(invocations.map(\.function)) == ["read", "write", "cas"])
    #expect(Set(invocations.map(\.process)).count == concurrency)
    #expect(Set(invocations.map(key)).count == max(1, concurrency / 6))
  }
}
