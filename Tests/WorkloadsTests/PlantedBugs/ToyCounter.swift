import EddyNode

/// A counter in one key of a store or in the nodes' memories: right once, and wrong in well-known ways.
final class ToyCounter: Handler {
  enum Design {
    /// Compares and sets one key of lin-kv until it succeeds.
    case compareAndSet
    /// Reads the key and writes the sum, as if nobody else did.
    case readThenWrite
    /// As the first, but takes a lost answer for a failure and tries again.
    case blindRetry
    /// Tells the others its total, which takes the place of theirs.
    case lastWriterWins
    /// Tells the others each delta once; a message may come twice or never.
    case deltas
    /// Keeps its own adds in its memory, and tells the others what they come to every tenth of a second.
    case volatile
  }

  private static let key = "sum"

  private let design: Design
  private let store = KeyValueStore.linearizable
  /// By node, what its adds come to; or under one key the whole total.
  private var totals: [String: Int] = [:]

  init(_ design: Design) { self.design = design }

  func start(on node: Node) {
    guard design == .volatile else { return }
    node.every(.milliseconds(100)) { [unowned self] node in tellTotal(of: node.id, on: node) }
  }

  func receive(_ message: Message, on node: Node) throws(RPCError) {
    switch (message.type, design) {
    case ("add", .compareAndSet), ("add", .readThenWrite), ("add", .blindRetry):
      addToStore(try message.integer("delta"), for: message, on: node)
    case ("add", _):
      addHere(try message.integer("delta"), on: node)
      node.reply(to: message, type: "add_ok")
    case ("read", .compareAndSet), ("read", .readThenWrite), ("read", .blindRetry):
      readStore(for: message, on: node)
    case ("read", _):
      let sum = totals.values.reduce(0, +)
      node.reply(to: message, type: "read_ok") { $0.field("value", sum) }
    case ("delta", _): totals["", default: 0] += try message.integer("delta")
    case ("total", _): totals[try message.string("of")] = try message.integer("total")
    default: throw .notSupported(type: message.type)
    }
  }
}

// MARK: - In memory

extension ToyCounter {
  private func addHere(_ delta: Int, on node: Node) {
    switch design {
    case .lastWriterWins:
      totals["", default: 0] += delta
      tellTotal(of: "", on: node)
    case .volatile: totals[node.id, default: 0] += delta
    default:
      totals["", default: 0] += delta
      for peer in node.peers { node.send(to: peer, type: "delta") { $0.field("delta", delta) } }
    }
  }

  private func tellTotal(of owner: String, on node: Node) {
    let total = totals[owner] ?? 0
    for peer in node.peers {
      node.send(to: peer, type: "total") {
        $0.field("of", owner)
        $0.field("total", total)
      }
    }
  }
}

// MARK: - In a store

extension ToyCounter {
  private func readStore(for request: Message, on node: Node) {
    store.read(Self.key, on: node) { result, node in
      switch result {
      case .failure(let error): node.reply(to: request, error: error)
      case .success(let value):
        node.reply(to: request, type: "read_ok") { $0.field("value", value ?? RawJSON(0)) }
      }
    }
  }

  private func addToStore(_ delta: Int, for request: Message, on node: Node) {
    store.read(Self.key, on: node) { [self] result, node in
      guard case .success(let value) = result else { return node.reply(to: request, error: .timeout()) }
      let sum = (value?.decoded()).flatMap { if case .integer(let sum) = $0 { Int(sum) } else { nil } } ?? 0
      if design == .readThenWrite {
        store.write(Self.key, sum + delta, on: node) { Self.acknowledge(request, $0, on: $1) }
      } else {
        exchange(sum, for: sum + delta, delta, request, on: node)
      }
    }
  }

  private func exchange(_ sum: Int, for new: Int, _ delta: Int, _ request: Message, on node: Node) {
    store.compareAndSet(Self.key, from: sum, to: new, createIfNotExists: true, on: node) {
      [self] result, node in
      guard case .failure(let error) = result, error.isDefinite || design == .blindRetry else {
        return Self.acknowledge(request, result, on: node)
      }
      addToStore(delta, for: request, on: node)
    }
  }

  private static func acknowledge(_ request: Message, _ result: Result<Void, RPCError>, on node: Node) {
    switch result {
    case .success: node.reply(to: request, type: "add_ok")
    case .failure(let error): node.reply(to: request, error: error)
    }
  }
}
