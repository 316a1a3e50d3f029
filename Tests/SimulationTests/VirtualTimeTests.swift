import EddyCheckers
import EddyHistory
import EddyNode
import EddyRun
import EddySimulation
import EddyTiming
import HistoryScripts
import Testing

/// Virtual time always goes on: whatever nodes do, and however fast operations are asked for.
@Suite struct VirtualTimeTests {
  /// A node with a timer that sets itself again, and an answer to `echo`.
  private final class Clock: Handler {
    private let delay: Duration

    init(_ delay: Duration) { self.delay = delay }

    func start(on node: Node) { tick(node) }

    func receive(_ message: Message, on node: Node) throws(RPCError) {
      let echo = try message.raw("echo")
      node.reply(to: message, type: "echo_ok") { $0.field("echo", echo) }
    }

    private func tick(_ node: Node) { node.after(delay) { [self] in tick($0) } }
  }

  private func run(_ options: TestOptions, delay: Duration, drift: Int = 0) -> TestRun {
    let run = TestRun(options, workload: EchoWorkload(options))
    var conditions = Conditions()
    conditions.clockDrift = drift
    SimulatedCluster(run, conditions: conditions) { _ in Clock(delay) }.runToEnd()
    return run
  }

  private func options(rate: Double = 5, timeLimit: Duration = .seconds(2)) -> TestOptions {
    TestOptions(workload: "echo", nodes: ["n0", "n1"], timeLimit: timeLimit, rate: rate)
  }

  @Test func aTimerThatSetsItselfAgainWithoutDelayEndsTheRun() throws {
    guard case .failed(let failure) = run(options(), delay: .zero).phase else {
      Issue.record("the run did not fail")
      return
    }
    #expect(failure.cause == .endlessTimers(count: 10_000))
    #expect(failure.description.contains("Does a timer set itself again without any delay?"))
  }

  @Test func aTimerThatSetsItselfAgainALittleLaterDoesNot() {
    #expect(run(options(timeLimit: .milliseconds(1)), delay: .nanoseconds(100)).phase == .finished)
  }

  @Test(arguments: [0, 500_000]) func aTimerThatIsNeverDueDoesNoHarm(drift: Int) {
    #expect(run(options(), delay: .nanoseconds(.max / 4 * 3), drift: drift).phase == .finished)
  }

  /// Intervals are of whole nanoseconds: what is cut off must not add up to another rate.
  @Test(arguments: [1e3, 1e8, 7e8, TestOptions.highestRate])
  func operationsAreInvokedAtTheRateThatIsAskedFor(rate: Double) {
    let count = 4000.0
    let options = TestOptions(
      workload: "echo", nodes: ["n0"], concurrency: 5_000, timeLimit: .nanoseconds(Int(count / rate * 1e9)),
      rate: rate)
    let invoked = Double(run(options, delay: .seconds(1)).progress.invoked)
    #expect(abs(invoked / count - 1) < 0.05)
  }

  @Test(arguments: [0, .leastNonzeroMagnitude, 1e-12]) func hardlyAnyOperationsAreNoneOrOne(rate: Double) {
    let run = run(options(rate: rate), delay: .seconds(1))
    #expect(run.phase == .finished)
    #expect(run.progress.invoked <= 1)
  }

  /// A run of nothing but faults goes through all its phases.
  @Test(arguments: WorkloadRegistry.names) func aRunWithoutOperationsIsCarriedThrough(workload: String) throws
  {
    var options = TestOptions(
      workload: workload, nodes: ["n0"], timeLimit: .seconds(3), rate: 0, faults: Fault.allCases,
      nemesisInterval: .milliseconds(500))
    options.livenessBound = .seconds(1)
    let run = TestRun(options, workload: try #require(WorkloadRegistry.workload(options)))
    SimulatedCluster(run) { _ in Silent() }.runToEnd()
    #expect(run.phase == .finished)
    #expect(LivenessChecker().check(run.history)?.validity == .invalid)
  }

  private final class Silent: Handler {
    func receive(_ message: Message, on node: Node) throws(RPCError) {
      if message.type == "topology" { node.reply(to: message, type: "topology_ok") }
    }
  }
}
