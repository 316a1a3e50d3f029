import EddyCheckers
import EddyHistory
import EddyNode
import EddyRun
import EddySimulation
import EddyTiming
import EddyWorkloads
import Testing

/// `--final-reads` from the options to the verdict: reads of every key when the cluster has recovered.
@Suite struct FinalReadsTests {
  /// A list store on one node that has lost everything when it is asked again after five idle seconds.
  private final class Dozing: Handler {
    private var store = ToyTransactions(.whole)
    private var last = Instant.zero

    func receive(_ message: Message, on node: Node) throws(RPCError) {
      if node.now - last > .seconds(5) { store = ToyTransactions(.whole) }
      last = node.now
      try store.receive(message, on: node)
    }
  }

  private func run(_ workload: String, finalReads: Bool) throws -> SimulationOutcome {
    var options = TestOptions(
      workload: workload, nodes: ["n0"], concurrency: 3, timeLimit: .seconds(5), rate: 20, seed: 3)
    options.finalReads = finalReads
    return try #require(SimulationPlan(options).run { _ in Dozing() })
  }

  @Test func appendsThatAreLostAfterTheLastTransactionAreFoundByFinalReadsOnly() throws {
    #expect(try run("txn-list-append", finalReads: false).results.validity == .valid)
    let outcome = try run("txn-list-append", finalReads: true)
    #expect(outcome.results.validity == .invalid)
    #expect(outcome.results.workload.anomalies.map(\.name).contains("lost-append"))
    let finals = outcome.run.history.operations.filter { $0.isFinal && $0.kind == .ok }
    #expect(!finals.isEmpty && finals.allSatisfy { $0.time >= .zero + .seconds(15) })
  }

  @Test func registersThatAreLostAfterTheLastTransactionAreFoundByFinalReadsOnly() throws {
    #expect(try run("txn-rw-register", finalReads: false).results.validity == .valid)
    #expect(try run("txn-rw-register", finalReads: true).results.validity == .invalid)
  }
}
