import EddyNode

/// Which nodes drop the messages of which other nodes; a grudge in Jepsen.
///
/// Nodes are given by their index in the cluster. A message is dropped at its receiver at the
/// instant it would be delivered. Messages of services and clients are never dropped.
public struct Partition: Hashable, Sendable {
  /// Row `receiver`, column `sender`: true where messages are dropped.
  private var drops: [[Bool]]

  /// A partition that drops nothing.
  public init(nodes: Int) { drops = Array(repeating: Array(repeating: false, count: nodes), count: nodes) }

  /// A partition in which only nodes of the same component hear each other.
  public init(components: [[Int]], nodes: Int) {
    self.init(nodes: nodes)
    var component = Array(repeating: -1, count: nodes)
    for (number, members) in components.enumerated() { for node in members { component[node] = number } }
    for receiver in 0..<nodes {
      for sender in 0..<nodes { drops[receiver][sender] = component[receiver] != component[sender] }
    }
  }

  /// The number of nodes.
  public var nodes: Int { drops.count }

  /// Whether the receiver drops the messages of the sender. O(1).
  public func drops(from sender: Int, to receiver: Int) -> Bool { drops[receiver][sender] }

  /// Makes the receiver drop the messages of the sender. The other direction is unchanged.
  public mutating func drop(from sender: Int, to receiver: Int) { drops[receiver][sender] = true }

  /// The connected components by links that work in both directions, each in ascending order. O(nodes²).
  public var components: [[Int]] {
    var component = Array(repeating: -1, count: nodes)
    var result: [[Int]] = []
    for start in 0..<nodes where component[start] < 0 {
      var members = [start]
      component[start] = result.count
      var next = 0
      while next < members.count {
        let node = members[next]
        next += 1
        for other in 0..<nodes where component[other] < 0 && !drops[node][other] && !drops[other][node] {
          component[other] = result.count
          members.append(other)
        }
      }
      result.append(members.sorted())
    }
    return result
  }
}

extension Partition {
  /// The kinds of partition that the nemesis makes.
  public enum Kind: String, Sendable, CaseIterable {
    /// One random node alone.
    case one
    /// Two random halves.
    case majority
    /// A random set of less than a third of the nodes, separated from the rest.
    case minorityThird = "minority-third"
    /// Every node hears a majority, and no two nodes hear the same one.
    case majoritiesRing = "majorities-ring"
    /// A random half does not hear the other half, but is heard by it.
    case oneWay = "one-way"

    /// The kinds that Maelstrom's `--nemesis partition` chooses from.
    public static let maelstrom: [Kind] = [.one, .minorityThird, .majority, .majoritiesRing]
  }
}
