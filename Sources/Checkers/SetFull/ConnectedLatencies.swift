import EddyHistory
import EddyNode
import EddyTiming

/// How long each element was missing from reads of nodes that could have known it.
///
/// A stable latency counts the time during which a partition made it impossible for a node to
/// know an element. This does not: it counts from when the element was known *and* its node and
/// the reader's node were connected, directly or over others, without interruption until the
/// read. So it bounds both how fast elements spread within a component, and how fast they do
/// when a partition has healed.
struct ConnectedLatencies {
  private let connectivity: Connectivity
  /// By element the node that took it; nil if that is not known.
  private var origins: [Int?] = []
  /// By element, the longest time it was missed.
  private var longest: [Duration] = []
  /// The invocation of the read that is looked at.
  private var invoked = Instant.zero
  /// By node, since when it has been connected with the node of that read.
  private var connectedSince: [Instant?] = []

  init(_ history: History) { connectivity = Connectivity(history) }

  /// Whether there was a partition. If there was none, nothing need be told of what reads missed.
  var wasEverCut: Bool { connectivity.wasEverCut }

  /// Notes the node of the next element.
  mutating func added(on node: String?) {
    guard wasEverCut else { return }
    origins.append(node.flatMap { connectivity.places[$0] })
    longest.append(.zero)
  }

  /// Says which read the following misses are of. O(partitions × nodes).
  mutating func beginRead(_ invocation: Operation) {
    guard wasEverCut else { return }
    invoked = invocation.time
    connectedSince = connectivity.connected(to: invocation.node, at: invoked)
  }

  /// Notes that the read missed an element known since `known`. O(1).
  mutating func missed(_ element: Int, knownSince known: Instant) {
    guard let origin = origins[element], let connected = connectedSince[origin] else { return }
    longest[element] = max(longest[element], invoked - max(known, connected))
  }

  /// Quantiles over some elements, in milliseconds; nil if nothing was ever cut off, as they would say
  /// what the stable latencies say.
  func quantiles(of elements: [Int]) -> JSONValue? {
    guard wasEverCut else { return nil }
    return Quantiles(elements.map { longest[$0] })?.json { .integer($0.nanoseconds / 1_000_000) }
  }
}

/// Which nodes were connected when, from what the nemesis wrote into the history.
private struct Connectivity {
  private struct Epoch {
    package var start: Instant
    /// The component of each node.
    var component: [Int]
  }

  /// The number of each node.
  let places: [String: Int]
  private var epochs: [Epoch]

  var wasEverCut: Bool { epochs.count > 1 }

  init(_ history: History) {
    let partitions = history.faults.compactMap { interval in
      (interval.record as? PartitionFault).map { (interval: interval, partition: $0) }
    }
    var names = Set(history.operations.lazy.compactMap(\.node))
    for fault in partitions { names.formUnion(fault.partition.isolated.map(\.node)) }
    let places = Dictionary(uniqueKeysWithValues: names.sorted().enumerated().map { ($1, $0) })
    self.places = places
    let whole = Array(repeating: 0, count: names.count)
    epochs = [Epoch(start: Instant(nanoseconds: .min), component: whole)]
    for (interval, partition) in partitions {
      let component = partition.partition(of: places).componentNumbers
      epochs.append(Epoch(start: interval.start, component: component))
      if let end = interval.end { epochs.append(Epoch(start: end, component: whole)) }
    }
  }

  /// For each node since when it has been connected with another without interruption at `instant`;
  /// nil if it is not.
  func connected(to node: String?, at instant: Instant) -> [Instant?] {
    var since: [Instant?] = Array(repeating: nil, count: places.count)
    guard let node = node.flatMap({ places[$0] }) else { return since }
    var connected = Array(since.indices)
    for epoch in epochs.reversed() where epoch.start <= instant {
      connected.removeAll { epoch.component[$0] != epoch.component[node] }
      for other in connected { since[other] = epoch.start }
    }
    return since
  }
}

extension Partition {
  /// The number of each node's component.
  fileprivate var componentNumbers: [Int] {
    var numbers = Array(repeating: 0, count: nodes)
    for (number, members) in components.enumerated() { for node in members { numbers[node] = number } }
    return numbers
  }
}
