import Node
import Timing

/// How long each element was missing from reads of nodes that could have known it.
///
/// A stable latency counts the time during which a partition made it impossible for a node to
/// know an element. This does not: it counts from when the element was known *and* its node and
/// the reader's node were connected, directly or over others, without interruption until the
/// read. So it bounds both how fast elements spread within a component, and how fast they do
/// when a partition has healed.
struct ConnectedLatencies {
  private let connectivity: Connectivity
  /// By element, the longest time it was missed.
  private var longest: [Duration] = []

  /// Runs over all reads; see ``SetTimelines/init(_:add:read:missed:)``.
  init(_ history: History) { connectivity = Connectivity(history) }

  /// Notes that a read invoked at `invocation` by a node missed an element known since `known`.
  mutating func missed(_ element: Int, add: Operation, known: Operation?, by invocation: Operation) {
    guard let known, let origin = add.node, let reader = invocation.node else { return }
    guard let connected = connectivity.connected(origin, reader, at: invocation.time) else { return }
    while longest.count <= element { longest.append(.zero) }
    longest[element] = max(longest[element], invocation.time - max(known.time, connected))
  }

  /// Quantiles over `count` elements, in milliseconds; nil if nothing was ever cut off, as they
  /// would say what the stable latencies say.
  func quantiles(of count: Int) -> JSONValue? {
    guard connectivity.wasEverCut, count > 0 else { return nil }
    let all = longest + Array(repeating: .zero, count: max(0, count - longest.count))
    return Quantiles(all)?.json { .integer($0.nanoseconds / 1_000_000) }
  }
}

/// Which nodes were connected when, from what the nemesis wrote into the history.
private struct Connectivity {
  private struct Epoch {
    var start: Instant
    /// The component of each node.
    var component: [Int]
  }

  private let places: [String: Int]
  private var epochs: [Epoch]

  var wasEverCut: Bool { epochs.count > 1 }

  init(_ history: History) {
    let partitions = history.operations.filter { !$0.isClient && $0.function.hasSuffix("-partition") }
    var names = Set(history.operations.compactMap(\.node))
    for operation in partitions { names.formUnion(Self.isolated(operation).map(\.key)) }
    let count = names.count
    places = Dictionary(uniqueKeysWithValues: names.sorted().enumerated().map { ($1, $0) })
    epochs = [Epoch(start: Instant(nanoseconds: .min), component: Array(repeating: 0, count: count))]
    for operation in partitions {
      var partition = Partition(nodes: count)
      for (receiver, senders) in Self.isolated(operation) {
        guard let receiver = places[receiver], case .array(let senders) = senders else { continue }
        for case .string(let sender) in senders {
          if let sender = places[sender] { partition.drop(from: sender, to: receiver) }
        }
      }
      var component = Array(repeating: 0, count: count)
      for (number, members) in partition.components.enumerated() {
        for node in members { component[node] = number }
      }
      epochs.append(Epoch(start: operation.time, component: component))
    }
  }

  /// Since when two nodes have been connected without interruption at `instant`; nil if they are not.
  func connected(_ a: String, _ b: String, at instant: Instant) -> Instant? {
    guard let a = places[a], let b = places[b] else { return nil }
    var since: Instant?
    for epoch in epochs.reversed() where epoch.start <= instant {
      guard epoch.component[a] == epoch.component[b] else { break }
      since = epoch.start
    }
    return since
  }

  private static func isolated(_ operation: Operation) -> JSONObject {
    guard case .object(let value)? = operation.value?.decoded(),
      case .object(let isolated)? = value["isolated"]
    else {
      return [:]
    }
    return isolated
  }
}
