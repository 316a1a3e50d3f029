import EddyNode

/// Which nodes refuse whose messages; Jepsen calls it a grudge.
///
/// Nodes are given by their place in the cluster. A message is dropped at its receiver at the
/// instant it would be delivered. Services and clients are never cut off.
public struct Partition: Hashable, Sendable {
  /// Row `receiver`, column `sender`: true where messages are dropped.
  private var drops: [[Bool]]

  /// Nothing is dropped.
  public init(nodes: Int) { drops = Array(repeating: Array(repeating: false, count: nodes), count: nodes) }

  /// Only nodes of the same component hear each other.
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

  /// Whether the receiver refuses the messages of the sender.
  public func drops(from sender: Int, to receiver: Int) -> Bool { drops[receiver][sender] }

  /// Has the receiver refuse the messages of the sender, not the other way round.
  public mutating func drop(from sender: Int, to receiver: Int) { drops[receiver][sender] = true }

  /// The sets of nodes within which each can reach each other, over others if need be, by
  /// links that work both ways; each in ascending order.
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
    /// A random set of less than a third of the nodes apart from the rest.
    case minorityThird = "minority-third"
    /// Every node hears a majority, no two the same one.
    case majoritiesRing = "majorities-ring"
    /// A random half does not hear the other half, but is heard.
    case oneWay = "one-way"

    /// What Maelstrom's `--nemesis partition` draws from.
    public static let maelstrom: [Kind] = [.one, .minorityThird, .majority, .majoritiesRing]
  }
}
