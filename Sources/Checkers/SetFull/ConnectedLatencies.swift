import EddyHistory
import EddyNode
import EddyTiming

/// For each element, how long reads missed it although their nodes were connected to its origin.
///
/// A stable latency includes the time in which a partition kept a node from learning an element. A
/// connected latency does not: it starts when the element is known *and* its origin and the reader's
/// node are connected, directly or through other nodes, without interruption until the read. It
/// therefore bounds how fast elements spread within a component and after a partition has healed.
struct ConnectedLatencies {
  private let connectivity: Connectivity
  /// By element: the index of the node that received its first add; nil if unknown.
  private var origins: [Int?] = []
  /// By element: the longest time for which a read missed it.
  private var longest: [Duration] = []
  /// When the current read was invoked.
  private var invoked = Instant.zero
  /// By node: since when it has been connected to the node of the current read; nil if it is not.
  private var connectedSince: [Instant?] = []

  init(_ history: History) { connectivity = Connectivity(history) }

  /// Whether the history has a partition. If not, callers may skip ``missed(_:knownSince:)``.
  var wasEverCut: Bool { connectivity.wasEverCut }

  /// Adds the next element, with the node of its first add. O(1).
  mutating func added(on node: String?) {
    guard wasEverCut else { return }
    origins.append(node.flatMap { connectivity.indices[$0] })
    longest.append(.zero)
  }

  /// Sets the read to which the following misses belong. O(partitions × nodes).
  mutating func beginRead(_ invocation: Operation) {
    guard wasEverCut else { return }
    invoked = invocation.time
    connectedSince = connectivity.connected(to: invocation.node, at: invoked)
  }

  /// Records that the current read missed an element known since `known`. O(1).
  mutating func missed(_ element: Int, knownSince known: Instant) {
    guard let origin = origins[element], let connected = connectedSince[origin] else { return }
    longest[element] = max(longest[element], invoked - max(known, connected))
  }

  /// Quantiles over some elements, in milliseconds; nil without a partition, where the stable latencies
  /// say the same.
  func quantiles(of elements: [Int]) -> JSONValue? {
    guard wasEverCut else { return nil }
    return Quantiles(elements.map { longest[$0] })?.json { .integer($0.nanoseconds / 1_000_000) }
  }
}

/// Which nodes were connected at which time, from the nemesis's entries in the history.
private struct Connectivity {
  private struct Epoch {
    package var start: Instant
    /// By node: the number of its component.
    var component: [Int]
  }

  /// The index of each node, by its name.
  let indices: [String: Int]
  private var epochs: [Epoch]

  var wasEverCut: Bool { epochs.count > 1 }

  init(_ history: History) {
    let partitions = history.faults.compactMap { interval in
      (interval.record as? PartitionFault).map { (interval: interval, partition: $0) }
    }
    var names = Set(history.operations.lazy.compactMap(\.node))
    for fault in partitions { names.formUnion(fault.partition.isolated.map(\.node)) }
    let indices = Dictionary(uniqueKeysWithValues: names.sorted().enumerated().map { ($1, $0) })
    self.indices = indices
    let whole = Array(repeating: 0, count: names.count)
    epochs = [Epoch(start: Instant(nanoseconds: .min), component: whole)]
    for (interval, partition) in partitions {
      let component = partition.partition(of: indices).componentNumbers
      epochs.append(Epoch(start: interval.start, component: component))
      if let end = interval.end { epochs.append(Epoch(start: end, component: whole)) }
    }
  }

  /// By node: since when it has been connected to `node` without interruption until `instant`; nil if it
  /// is not connected then. O(epochs × nodes).
  func connected(to node: String?, at instant: Instant) -> [Instant?] {
    var since: [Instant?] = Array(repeating: nil, count: indices.count)
    guard let node = node.flatMap({ indices[$0] }) else { return since }
    var connected = Array(since.indices)
    for epoch in epochs.reversed() where epoch.start <= instant {
      connected.removeAll { epoch.component[$0] != epoch.component[node] }
      for other in connected { since[other] = epoch.start }
    }
    return since
  }
}

extension Partition {
  /// By node: the number of its component.
  fileprivate var componentNumbers: [Int] {
    var numbers = Array(repeating: 0, count: nodes)
    for (number, members) in components.enumerated() { for node in members { numbers[node] = number } }
    return numbers
  }
}
