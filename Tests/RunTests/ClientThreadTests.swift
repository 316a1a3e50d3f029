import EddyCheckers
import EddyHistory
import EddyNode
import EddyRun
import EddySimulation
import EddyTiming
import EddyWorkloads
import Testing

/// A generator is asked on behalf of one client thread, and may have nothing for it.
struct ClientThreadTests {
  /// Echoes from the threads with an even index only; the first of them takes no more than five.
  private struct EvenThreads: Workload {
    static let name = "echo"
    private var taken = 0
    private var inner: EchoWorkload

    init(_ options: TestOptions) { inner = EchoWorkload(options) }

    func makeClient(process: Int, node: String) -> any Client {
      inner.makeClient(process: process, node: node)
    }

    mutating func nextInvocation(
      for thread: ClientThread, _ random: inout SeededGenerator
    ) -> Invocation? {
      guard thread.index % 2 == 0, thread.process % thread.count == thread.index else { return nil }
      if thread.index == 0 {
        guard taken < 5 else { return nil }
        taken += 1
      }
      return inner.nextInvocation(for: thread, &random)
    }

    var probedFunctions: [[String]] { inner.probedFunctions }

    mutating func invocation(of function: String, _ random: inout SeededGenerator) -> Invocation {
      inner.invocation(of: function, &random)
    }

    var checker: any Checker { inner.checker }
  }

  @Test func aThreadForWhichThereIsNothingIsPassedOver() throws {
    let options = TestOptions(
      workload: "echo", nodes: ["n0"], concurrency: 4, timeLimit: .seconds(10), rate: 20)
    let run = TestRun(options, workload: EvenThreads(options))
    SimulatedCluster(run) { _ in Echo() }.runToEnd()
    let processes = run.history.clientOperations.filter { $0.kind == .invoke }.map(\.process)
    #expect(processes.count { $0 == .client(0) } == 5)
    #expect(processes.count { $0 == .client(2) } > 100)
    #expect(processes.allSatisfy { $0 == .client(0) || $0 == .client(2) })
  }

  @Test func aRunWhoseThreadsHaveNothingLeftEndsAtItsTimeLimit() throws {
    let options = TestOptions(
      workload: "echo", nodes: ["n0"], concurrency: 1, timeLimit: .seconds(10), rate: 20)
    let run = TestRun(options, workload: EvenThreads(options))
    SimulatedCluster(run) { _ in Echo() }.runToEnd()
    #expect(run.phase == .finished)
    #expect(run.progress.ok == 5)
  }
}
