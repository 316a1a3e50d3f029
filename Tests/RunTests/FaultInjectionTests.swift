import EddyHistory
import EddyNetwork
import EddyNode
import EddyRun
import EddySimulation
import EddyTiming
import Testing

@Suite struct FaultInjectionTests {
  /// What faults do to a cluster, as far as it is of any weight here.
  private struct Cluster: Equatable {
    var partition: Partition
    var (loss, duplication) = (0.0, 0.0)
    var (down, paused): (Set<Int>, Set<Int>) = ([], [])

    init(nodes: Int) { partition = Partition(nodes: nodes) }

    mutating func take(_ directives: [FaultDirective]) {
      for directive in directives {
        switch directive {
        case .setPartition(let partition): self.partition = partition
        case .setLoss(let probability): loss = probability
        case .setDuplication(let probability): duplication = probability
        case .kill(let node): #expect(down.insert(node).inserted)
        case .start(let node): #expect(down.remove(node) != nil)
        case .pause(let node): #expect(paused.insert(node).inserted)
        case .resume(let node): #expect(paused.remove(node) != nil)
        case .record: Issue.record("a fault says what is recorded, and whoever starts it records that")
        }
      }
    }
  }

  /// And it is said to have happened if anything happened, and only then.
  @Test(arguments: Fault.allCases) func theEndOfAFaultUndoesItsStart(fault: Fault) {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<200 {
      let nodes = 1 + random.below(9)
      let drawn = fault.injectable.draw(in: FaultScope(nodes: TestOptions.nodeNames(nodes)), &random)
      var cluster = Cluster(nodes: nodes)
      cluster.take(drawn.start)
      #expect((cluster != Cluster(nodes: nodes)) == drawn.record.isEffective)
      cluster.take(drawn.stop)
      #expect(cluster == Cluster(nodes: nodes))
    }
  }

  /// What is drawn is what is written down.
  @Test func aRecordNamesThePartition() throws {
    var random = SeededGenerator(seed: 5)
    for count in 1...9 {
      let nodes = TestOptions.nodeNames(count)
      let drawn = PartitionFault.draw(in: FaultScope(nodes: nodes), &random)
      guard case .setPartition(let partition)? = drawn.start.first else {
        Issue.record("no partition")
        continue
      }
      let numbers = Dictionary(uniqueKeysWithValues: zip(nodes, nodes.indices))
      let record = try #require(drawn.record as? PartitionFault)
      #expect(record.partition(of: numbers) == partition)
    }
  }

  /// Whoever depends on the package has such a file, and no catalogue to add a line to.
  @Test func aRunHasFaultsThatAreNotInTheCatalogue() throws {
    let options = TestOptions(
      workload: "echo", nodes: TestOptions.nodeNames(3), timeLimit: .seconds(20), rate: 10,
      faults: [.blackout], nemesisInterval: .seconds(2))
    let run = TestRun(options, workload: try #require(WorkloadRegistry.workload(options)))
    SimulatedCluster(run) { _ in Parrot() }.runToEnd()
    #expect(run.phase == .finished)

    let faults = run.history.faults(FaultCodec(Fault.allCases + [.blackout]))
    #expect(faults.count > 2)
    #expect(faults.allSatisfy { $0.fault == .blackout && $0.record is BlackoutFault })
    #expect(run.history.faults.isEmpty, "for who does not know it, it is no fault")
    let isPaused = { (instant: Instant) in
      faults.contains { $0.start < instant && instant < $0.end ?? Instant(nanoseconds: .max) }
    }
    #expect(
      run.history.clientOperations.allSatisfy { $0.kind != .ok || !isPaused($0.time) },
      "no node answers meanwhile")
  }

  private final class Parrot: Handler {
    func receive(_ message: Message, on node: Node) throws(RPCError) {
      let payload = try message.field("echo")
      node.reply(to: message, type: "echo_ok") { $0.field("echo", payload) }
    }
  }
}

extension Fault {
  fileprivate static let blackout = Fault(BlackoutFault.self)
}

/// All nodes stand still.
private struct BlackoutFault: VictimFault, InjectableFault {
  static let name = "blackout"
  static let functions = (start: "start-blackout", stop: "stop-blackout")
  static let tint = FaultTint.paused
  static let condition = "dark"
  static let legend = "dark"

  var victims: [String]

  static func draw(in cluster: FaultScope, _ random: inout SeededGenerator) -> InjectedFault {
    InjectedFault(
      record: BlackoutFault(victims: cluster.nodes), start: cluster.nodes.indices.map { .pause(node: $0) },
      stop: cluster.nodes.indices.map { .resume(node: $0) })
  }
}
