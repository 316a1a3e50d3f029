package import EddyNode

extension Fault {
  /// Messages between some nodes are dropped.
  public static let partition = Fault(PartitionFault.self)
}

/// Nodes that do not hear other nodes.
package struct PartitionFault: FaultRecord {
  package static let name = "partition"
  package static let functions = (start: "start-partition", stop: "stop-partition")

  /// A node, and the nodes whose messages it does not receive.
  package struct Isolation: Hashable, Sendable {
    package var node: String
    package var unheard: [String]

    package init(node: String, unheard: [String]) {
      self.node = node
      self.unheard = unheard
    }
  }

  /// The kind, such as `majority`: one of ``Partition/Kind``, or another of Jepsen's.
  package var kind: String?
  /// The nodes that do not hear some other nodes.
  package private(set) var isolated: [Isolation]

  package init(kind: String?, isolated: [Isolation]) {
    self.kind = kind
    self.isolated = isolated
  }

  /// A partition of nodes with these names.
  package init(_ kind: Partition.Kind, _ partition: Partition, of nodes: [String]) {
    self.init(
      kind: kind.rawValue,
      isolated: nodes.indices.compactMap { receiver in
        let unheard = nodes.indices.filter { partition.drops(from: $0, to: receiver) }
        return unheard.isEmpty ? nil : Isolation(node: nodes[receiver], unheard: unheard.map { nodes[$0] })
      })
  }

  /// The partition as a matrix of the nodes with these numbers. Other nodes are ignored.
  package func partition(of numbers: [String: Int]) -> Partition {
    var partition = Partition(nodes: numbers.count)
    for isolation in isolated {
      guard let receiver = numbers[isolation.node] else { continue }
      for sender in isolation.unheard.compactMap({ numbers[$0] }) {
        partition.drop(from: sender, to: receiver)
      }
    }
    return partition
  }
}

// MARK: - In a history

extension PartitionFault {
  /// Reads Eddy's value, `{"kind":KIND,"isolated":{NODE:[NODE,…],…}}`, or one of Jepsen's two, `KIND` and
  /// `["isolated",{NODE:[NODE,…],…}]`.
  package init(started value: JSONValue?) {
    self.init(kind: nil, isolated: [])
    if case .string(let name)? = value?["kind"] ?? value { kind = name }
    if case .object(let nodes)? = value?["isolated"] ?? value?[1] {
      isolated = nodes.map { Isolation(node: $0.key, unheard: $0.value.strings ?? []) }
    }
  }

  package mutating func take(outcome: Self) -> Bool {
    // In a small cluster a partition may separate no nodes, so an empty field may be complete.
    guard isolated.isEmpty, outcome.kind == nil else { return false }
    isolated = outcome.isolated
    return true
  }

  private var isolatedValue: JSONValue {
    .object(JSONObject(isolated.map { ($0.node, JSONValue(strings: $0.unheard)) }))
  }

  package var startValue: JSONValue? {
    ["kind": kind.map { .string($0) } ?? .null, "isolated": isolatedValue]
  }

  package var jepsenStart: (order: JSONValue, outcome: JSONValue)? {
    kind.map { (order: .string($0), outcome: ["isolated", isolatedValue]) }
  }

  package static var jepsenStop: JSONValue? { "network-healed" }
}

// MARK: - In words and pictures

extension PartitionFault {
  package var title: String { kind.map { "\(Self.name) (\($0))" } ?? Self.name }

  package var isEffective: Bool { !isolated.isEmpty }

  package func scope(among nodes: [String]) -> String {
    let sides = sides(among: nodes)
    guard sides.isEmpty else { return sides.map { $0.joined(separator: " ") }.joined(separator: " | ") }
    return "\(isolated.count) nodes each do not hear some"
  }

  package func details(among nodes: [String]) -> String? {
    let sides = sides(among: nodes)
    guard sides.isEmpty else { return sides.map { $0.joined(separator: " ") }.joined(separator: "\n   |\n") }
    return isolated.map { "\($0.node) does not hear \($0.unheard.joined(separator: " "))" }
      .joined(separator: "\n")
  }

  package func effect(on nodes: [String]) -> String? {
    if nodes.isEmpty { return "the cluster was split by a \(label)" }
    return nodes.lazy.compactMap(cut).first.map { "\($0): \(label)" }
  }

  /// The effect on a node; nil if there is none.
  private func cut(_ node: String) -> String? {
    let unheard = isolated.first { $0.node == node }?.unheard ?? []
    let deaf = isolated.filter { $0.unheard.contains(node) }.map(\.node)
    if unheard.isEmpty, deaf.isEmpty { return nil }
    if Set(unheard) == Set(deaf) { return "\(node) was cut off from \(unheard.enumerated(limit: 4))" }
    let halves = [
      unheard.isEmpty ? nil : "\(node) did not hear \(unheard.enumerated(limit: 4))",
      deaf.isEmpty ? nil : "\(deaf.enumerated(limit: 4)) did not hear \(node)",
    ]
    return halves.compactMap(\.self).joined(separator: ", and ")
  }

  package func marks(among nodes: [String]) -> [FaultMark] {
    let sides = sides(among: nodes)
    guard sides.isEmpty else {
      return sides.enumerated().flatMap { number, side in
        side.map {
          FaultMark(node: $0, tint: .side(number), text: "hears only \(side.joined(separator: " "))")
        }
      }
    }
    return isolated.filter { !$0.unheard.isEmpty }.map {
      FaultMark(node: $0.node, tint: .deaf, text: "does not hear \($0.unheard.joined(separator: " "))")
    }
  }

  package func legend(among nodes: [String]) -> [FaultLegend] {
    if sides(among: nodes).isEmpty { return [FaultLegend(tint: .deaf, text: "does not hear all nodes")] }
    return [
      FaultLegend(tint: .side(0), text: "one side of a partition"),
      FaultLegend(tint: .side(1), text: "another side"),
    ]
  }

  /// The sets of nodes that hear each other and no other node; empty if the partition does not divide the
  /// nodes into such sets, as a ring of majorities does not.
  package func sides(among nodes: [String]) -> [[String]] {
    var deaf: [String: Set<String>] = [:]
    for isolation in isolated { deaf[isolation.node] = Set(isolation.unheard) }
    var sides: [[String]] = []
    for node in nodes {
      let unheard = deaf[node] ?? []
      if let home = sides.firstIndex(where: {
        !unheard.contains($0[0]) && deaf[$0[0]]?.contains(node) != true
      }) {
        sides[home].append(node)
      } else {
        sides.append([node])
      }
    }
    let isMadeOfSides = sides.allSatisfy { side in
      let others = Set(nodes).subtracting(side)
      return side.allSatisfy { deaf[$0] ?? [] == others }
    }
    return isMadeOfSides ? sides : []
  }
}
