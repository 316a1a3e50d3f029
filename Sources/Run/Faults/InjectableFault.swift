package import EddyHistory
package import EddyNode

/// A fault that the nemesis can bring about.
///
/// A fault's record conforms to it in a file of its own here, since histories know no runs.
package protocol InjectableFault: FaultRecord {
  /// Draws one at random.
  static func draw(in cluster: FaultScope, _ random: inout SeededGenerator) -> InjectedFault
}

/// A fault as it was drawn: what it writes into the history, and what it does.
package struct InjectedFault: Sendable {
  package let record: any FaultRecord
  /// What starts it, in order; the record follows.
  package let start: [FaultDirective]
  /// What ends it.
  package let stop: [FaultDirective]

  package init(record: any FaultRecord, start: [FaultDirective], stop: [FaultDirective]) {
    self.record = record
    self.start = start
    self.stop = stop
  }
}

extension Fault {
  /// How it is brought about. Every fault of the catalogue can be.
  package var injectable: any InjectableFault.Type {
    guard let injectable = record as? any InjectableFault.Type else {
      preconditionFailure("no InjectableFault: \(self)")
    }
    return injectable
  }
}

/// What faults are drawn from.
package struct FaultScope {
  /// The names of all nodes.
  package let nodes: [String]
  /// The kinds of partition to choose from.
  package let partitions: [Partition.Kind]

  package init(nodes: [String], partitions: [Partition.Kind] = Partition.Kind.allCases) {
    self.nodes = nodes
    self.partitions = partitions
  }

  /// The names of some nodes.
  package func names(_ numbers: [Int]) -> [String] { numbers.map { nodes[$0] } }

  /// One node, a minority, a majority or all of them, each as likely; in ascending order.
  package func drawVictims(_ random: inout SeededGenerator) -> [Int] {
    let sizes = [1, max(1, (nodes.count - 1) / 2), nodes.count / 2 + 1, nodes.count]
    let size = random.pick(sizes)!
    return random.shuffle(Array(nodes.indices)).prefix(size).sorted()
  }

  /// A probability from 5 to 30 %.
  package func drawProbability(_ random: inout SeededGenerator) -> Double { 0.05 + 0.25 * random.unit() }
}
