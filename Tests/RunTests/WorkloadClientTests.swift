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

  @Test(arguments: [("txn-rw-register", "w", "3"), ("txn-list-append", "append", "[3]")])
  func transactionsHaveMaelstromsFields(name: String, write: String, seen: String) throws {
    let (body, outcome) = try converse(
      name, Invocation("txn", #"[["r",1,null],["\#(write)",1,6]]"#.json),
      reply: #"{"type":"txn_ok","txn":[["r",1,\#(seen)],["\#(write)",1,6]]}"#)
    #expect(body == #"{"type":"txn","txn":[["r",1,null],["\#(write)",1,6]]}"#)
    expectOK(outcome, #"[["r",1,\#(seen)],["\#(write)",1,6]]"#)
  }

  @Test func aKeyWithoutElementsIsReadAsNullOrAnEmptyList() throws {
    for value in ["null", "[]"] {
      let reply = #"{"type":"txn_ok","txn":[["r",1,\#(value)]]}"#
      let (_, outcome) = try converse(
        "txn-list-append", Invocation("txn", #"[["r",1,null]]"#.json), reply: reply)
      expectOK(outcome, #"[["r",1,\#(value)]]"#)
    }
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
    ("txn-rw-register", "txn", #"{"type":"txn_ok","txn":[["append",1,2]]}"#),
    ("txn-list-append", "txn", #"{"type":"txn_ok","txn":[["w",1,2]]}"#),
    ("txn-list-append", "txn", #"{"type":"txn_ok","txn":[["r",1,2]]}"#),
    ("txn-list-append", "txn", #"{"type":"txn_ok","txn":[["r",1,"12"]]}"#),
    ("txn-list-append", "txn", #"{"type":"txn_ok","txn":[["append",1]]}"#),
  ])
  func aReplyOfAnotherShapeIsNoAnswer(name: String, function: String, reply: String) throws {
    let value = name.hasPrefix("txn-") ? #"[["r",1,null]]"#.json : "1".json
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
    var final = try #require(
      workload(name).makeFinalOperations(for: ClientThread(index: 0, count: 1, process: 0)))
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

  @Test(arguments: [("txn-rw-register", "w"), ("txn-list-append", "append")])
  func transactionsKeepToTheirLengthAndWriteEachValueOnce(name: String, write: JSONValue) throws {
    let transactions = invocations(2000, of: name) {
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
        if step[0] == write {
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

  // MARK: Final reads

  @Test(arguments: ["txn-list-append", "txn-rw-register"])
  func finalReadsAreOfEveryKeyOnceAndOnlyIfTheyAreAskedFor(name: String) throws {
    var workload = workload(name) {
      $0.finalReads = true
      $0.keyCount = 5
      $0.maxWritesPerKey = 2
    }
    var random = SeededGenerator(seed: 3)
    let threads = (0..<3).map { ClientThread(index: $0, count: 3, process: $0) }
    var highest = 4
    for _ in 0..<100 {
      guard case .array(let steps)? = workload.nextInvocation(for: threads[0], &random)?.value?.decoded()
      else {
        continue
      }
      for case .integer(let key)? in steps.map({ $0[1] }) { highest = max(highest, key) }
    }
    var keys: [Int] = []
    for thread in threads {
      var operations = try #require(workload.makeFinalOperations(for: thread))
      while let (invocation, due) = operations.next(at: 7.ms, &random) {
        #expect(invocation.isFinal && invocation.function == "txn" && due == 7.ms)
        guard case .array(let steps)? = invocation.value?.decoded() else { continue }
        #expect((1...8).contains(steps.count))
        for step in steps {
          #expect(step[0] == "r" && step[2] == .null)
          if case .integer(let key)? = step[1] { keys.append(key) }
        }
      }
    }
    // A key may be in the pool and not have been drawn yet.
    #expect(keys.sorted() == Array(0..<keys.count))
    #expect(highest > 20 && (highest + 1...highest + 5).contains(keys.count))
    #expect(self.workload(name).makeFinalOperations(for: threads[0]) == nil)
  }
}
