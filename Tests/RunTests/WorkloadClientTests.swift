import EddyHistory
import EddyNode
import EddyRun
import EddyTiming
import HistoryScripts
import Testing

/// What the workloads' clients ask, and what they make of the answers, after Maelstrom's
/// `workload/*.clj`.
struct WorkloadClientTests {
  private func workload(_ name: String, _ change: (inout TestOptions) -> Void = { _ in })
    -> any Workload
  {
    var options = TestOptions(workload: name, nodes: ["n0"])
    change(&options)
    return WorkloadRegistry.workload(options)!
  }

  /// The body of the request that an invocation makes, and what comes of a reply to it.
  private func converse(_ name: String, _ invocation: Invocation, reply: String) throws -> (
    body: String, Outcome?
  ) {
    var client = workload(name).makeClient(process: 0, node: "n0")
    guard case .send(let request) = client.invoke(invocation) else { return ("", nil) }
    var writer = JSONWriter()
    writer.object {
      $0.field("type", request.type)
      request.fields(&$0)
    }
    let message = try Message(parsing: #"{"src":"n0","dest":"c0","body":\#(reply)}"#)
    guard case .complete(let outcome) = client.receive(message) else { return ("", nil) }
    return (String(decoding: writer.bytes, as: UTF8.self), outcome)
  }

  private func invocations(
    _ count: Int, of name: String, _ change: (inout TestOptions) -> Void = { _ in }
  ) -> [Invocation] {
    var workload = workload(name, change)
    var random = SeededGenerator(seed: 5)
    return (0..<count).compactMap { _ in
      workload.nextInvocation(for: ClientThread(index: 0, count: 1, process: 0), &random)
    }
  }

  private func expectOK(_ outcome: Outcome?, _ value: String) {
    guard case .ok(let result)? = outcome else {
      Issue.record("\(String(describing: outcome))")
      return
    }
    #expect(result == value.json)
  }

  // MARK: Requests and replies

  @Test(arguments: ["g-set", "g-counter", "pn-counter"])
  func addsAndReadsHaveMaelstromsFields(name: String) throws {
    let field = name == "g-set" ? "element" : "delta"
    let (add, added) = try converse(name, Invocation("add", "3".json), reply: #"{"type":"add_ok"}"#)
    #expect(add == #"{"type":"add","\#(field)":3}"#)
    expectOK(added, "3")
    let value = name == "g-set" ? "[1,2]" : "-7"
    let (read, seen) = try converse(name, Invocation("read"), reply: #"{"type":"read_ok","value":\#(value)}"#)
    #expect(read == #"{"type":"read"}"#)
    expectOK(seen, value)
  }

  @Test func transactionsHaveMaelstromsFields() throws {
    let (body, outcome) = try converse(
      "txn-rw-register", Invocation("txn", #"[["r",1,null],["w",1,6]]"#.json),
      reply: #"{"type":"txn_ok","txn":[["r",1,3],["w",1,6]]}"#)
    #expect(body == #"{"type":"txn","txn":[["r",1,null],["w",1,6]]}"#)
    expectOK(outcome, #"[["r",1,3],["w",1,6]]"#)
  }

  @Test(arguments: [
    ("g-set", "read", #"{"type":"read_ok","value":3}"#),
    ("g-set", "read", #"{"type":"read_ok","elements":[]}"#),
    ("g-set", "add", #"{"type":"add_ok","value":[]}"#),
    ("g-counter", "read", #"{"type":"read_ok","value":1.5}"#),
    ("g-counter", "read", #"{"type":"read_ok","value":5.0}"#),
    ("pn-counter", "read", #"{"type":"read_ok","value":5e0}"#),
    ("pn-counter", "read", #"{"type":"read_ok","value":[1]}"#),
    ("pn-counter", "read", #"{"type":"add_ok"}"#),
    ("txn-rw-register", "txn", #"{"type":"txn_ok","txn":{}}"#),
    ("txn-rw-register", "txn", #"{"type":"txn_ok","txn":[["x",1,2]]}"#),
    ("txn-rw-register", "txn", #"{"type":"txn_ok","txn":[["r",1]]}"#),
    ("txn-rw-register", "txn", #"{"type":"txn_ok","txn":[["r",1,2,3]]}"#),
  ])
  func aReplyOfAnotherShapeIsNoAnswer(name: String, function: String, reply: String) throws {
    let value = name == "txn-rw-register" ? #"[["r",1,null]]"#.json : "1".json
    guard case .info(let error)? = try converse(name, Invocation(function, value), reply: reply).1 else {

      Issue.record("\(reply) was accepted")
      return
    }
    #expect(error.name == "malformed-reply")
  }

  @Test(arguments: ["g-set", "g-counter", "pn-counter"])
  func onlyReadsCanBeTakenForFailed(name: String) throws {
    let client = workload(name).makeClient(process: 0, node: "n0")
    #expect(client.isIdempotent(Invocation("read")))
    #expect(!client.isIdempotent(Invocation("add", "1".json)))
    var random = SeededGenerator(seed: 1)
    var final = try #require(workload(name).makeFinalOperations())
    let next = try #require(final.next(at: .zero, &random))
    #expect(next.invocation.function == "read" && next.invocation.isFinal)
    #expect(final.next(at: .zero, &random) == nil)
  }

  // MARK: Generators

  @Test func setsAreGivenEachElementOnce() {
    let adds = invocations(2000, of: "g-set").filter { $0.function == "add" }.map(\.value)
    #expect(adds == adds.indices.map { RawJSON($0) })
    #expect((900...1100).contains(adds.count))
  }

  @Test(arguments: [("g-counter", 0...4, 1.0 / 3), ("pn-counter", -5...4, 0.5)])
  func countersAddEachDeltaAsOften(name: String, deltas: ClosedRange<Int>, share: Double) {
    let adds = invocations(9000, of: name).filter { $0.function == "add" }.map(\.value)
    #expect(abs(Double(adds.count) - 9000 * share) < 300)
    for delta in deltas {
      let count = adds.count { $0 == RawJSON(delta) }
      #expect(abs(Double(count) * Double(deltas.count) / Double(adds.count) - 1) < 0.2)
    }
    #expect(adds.allSatisfy { deltas.contains(Int($0?.description ?? "") ?? .max) })
  }

  @Test func transactionsKeepToTheirLengthAndWriteEachValueOnce() throws {
    let transactions = invocations(2000, of: "txn-rw-register") {
      $0.maxTxnLength = 6
      $0.maxWritesPerKey = 3
      $0.keyCount = 4
    }
    var lengths: Set<Int> = []
    var written: [JSONValue: [JSONValue]] = [:]
    for transaction in transactions {
      guard case .array(let steps)? = transaction.value?.decoded() else { continue }
      lengths.insert(steps.count)
      for step in steps {
        if step[0] == "w" {
          written[step[1]!, default: []].append(step[2]!)
        } else {
          #expect(step[2] == .null)
        }
      }
    }
    #expect(lengths == Set(1...6))
    #expect(written.count > 100)
    for (_, values) in written {
      #expect(values == [1, 2, 3].prefix(values.count).map { JSONValue.integer($0) })
    }
  }
}
