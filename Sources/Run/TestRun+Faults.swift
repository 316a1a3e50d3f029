import EddyHistory
import EddyNetwork
import EddyNode

extension TestRun {
  /// Carries out what the nemesis decided, and writes it into the history.
  func apply(_ action: FaultAction) {
    switch action {
    case .partition(let kind, let partition):
      context.network.partition = partition
      record("start-partition", describe(kind, partition))
    case .heal:
      context.network.partition = Partition(nodes: options.nodes.count)
      record("stop-partition", nil)
    case .kill(let nodes):
      for node in nodes {
        context.network.kill(node, at: context.now)
        setup.abandon(node, in: &context)
        context.perform(.kill(node: node))
      }
      record("kill", names(nodes))
    case .restart(let nodes):
      for node in nodes {
        context.network.start(node)
        context.perform(.start(node: node))
        setup.initialize(node, in: &context)
      }
      record("start", names(nodes))
    case .pause(let nodes):
      paused.formUnion(nodes)
      for node in nodes { context.perform(.pause(node: node)) }
      record("pause", names(nodes))
    case .resume(let nodes):
      paused.subtract(nodes)
      for node in nodes { context.perform(.resume(node: node)) }
      record("resume", names(nodes))
    case .loss(let probability):
      context.network.loss = probability
      record(probability > 0 ? "start-loss" : "stop-loss", percentage(probability))
    case .duplication(let probability):
      context.network.duplication = probability
      record(probability > 0 ? "start-duplicate" : "stop-duplicate", percentage(probability))
    }
  }

  private func record(_ function: String, _ value: JSONValue?) {
    context.history.append(
      Operation(
        time: context.relativeNow, process: .nemesis, kind: .info, function: function,
        value: value.map { RawJSON(encoding: $0) }))
  }

  private func names(_ nodes: [Int]) -> JSONValue { .array(nodes.map { .string(options.nodes[$0]) }) }

  private func percentage(_ probability: Double) -> JSONValue? {
    probability > 0 ? .string("\(Int((probability * 100).rounded())) %") : nil
  }

  /// The kind of partition, and each node with those it does not hear.
  private func describe(_ kind: Partition.Kind, _ partition: Partition) -> JSONValue {
    var isolated = JSONObject()
    for receiver in options.nodes.indices {
      let dropped = options.nodes.indices.filter { partition.drops(from: $0, to: receiver) }
      if !dropped.isEmpty { isolated[options.nodes[receiver]] = names(dropped) }
    }
    return .object(["kind": .string(kind.rawValue), "isolated": .object(isolated)])
  }
}
