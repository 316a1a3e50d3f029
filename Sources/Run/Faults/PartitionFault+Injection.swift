package import EddyHistory
package import EddyNode

extension PartitionFault: InjectableFault {
  package static func draw(in cluster: FaultScope, _ random: inout SeededGenerator) -> InjectedFault {
    let kind = random.pick(cluster.partitions) ?? .majority
    let partition = Partition.random(kind, nodes: cluster.nodes.count, &random)
    return InjectedFault(
      record: PartitionFault(kind, partition, of: cluster.nodes), start: [.setPartition(partition)],
      stop: [.setPartition(Partition(nodes: cluster.nodes.count))])
  }
}

extension Partition {
  /// A random partition of the given kind.
  package static func random(_ kind: Kind, nodes: Int, _ random: inout SeededGenerator) -> Partition {
    let order = random.shuffle(Array(0..<nodes))
    func split(_ first: Int) -> [[Int]] { [Array(order.prefix(first)), Array(order.dropFirst(first))] }
    switch kind {
    case .one: return Partition(components: split(min(1, nodes)), nodes: nodes)
    case .majority: return Partition(components: split(nodes / 2), nodes: nodes)
    case .minorityThird: return Partition(components: split(max(0, (nodes - 1) / 3)), nodes: nodes)
    case .majoritiesRing: return majoritiesRing(order, &random)
    case .oneWay:
      var partition = Partition(nodes: nodes)
      for deaf in order.prefix(nodes / 2) {
        for sender in order.dropFirst(nodes / 2) { partition.drop(from: sender, to: deaf) }
      }
      return partition
    }
  }

  /// Links the node with the fewest links to the next fewest until each has a majority.
  ///
  /// For up to five nodes a perfect ring exists; for more, Jepsen's stochastic construction.
  private static func majoritiesRing(_ order: [Int], _ random: inout SeededGenerator) -> Partition {
    let nodes = order.count
    let majority = nodes / 2 + 1
    var linked = Array(repeating: Array(repeating: false, count: nodes), count: nodes)
    if nodes <= 5 {
      for place in 0..<nodes {
        let hearer = order[(place + majority / 2) % nodes]
        for offset in 0..<majority { linked[hearer][order[(place + offset) % nodes]] = true }
      }
    } else {
      for node in 0..<nodes { linked[node][node] = true }
      var degree = Array(repeating: 1, count: nodes)
      while true {
        let byDegree = random.shuffle(Array(0..<nodes)).enumerated().sorted {
          (degree[$0.element], $0.offset) < (degree[$1.element], $1.offset)
        }.map(\.element)
        let poorest = byDegree[0]
        guard degree[poorest] < majority, let other = byDegree.first(where: { !linked[poorest][$0] }) else {
          break
        }
        linked[poorest][other] = true
        linked[other][poorest] = true
        degree[poorest] += 1
        degree[other] += 1
      }
    }
    var partition = Partition(nodes: nodes)
    for receiver in 0..<nodes {
      for sender in 0..<nodes where !linked[receiver][sender] { partition.drop(from: sender, to: receiver) }
    }
    return partition
  }
}
