import EddyNode
import EddyTiming

/// Registers and lists that n0 has and all nodes serve: right once, and wrong in well-known ways.
final class ToyTransactions: Handler {
  enum Design {
    /// n0 carries out each transaction as a whole.
    case whole
    /// n0 carries out one step each 20 ms, of all transactions that it has begun.
    case keyByKey
    /// As the first, but what a transaction leaves behind is written one key each 20 ms, while other
    /// writers wait and readers do not.
    case halfVisible
    /// As the first, but every fifth transaction is refused when its writes are done.
    case dirty
    /// As the first, but reads see nothing of their own transaction's writes.
    case readsFirst
    /// As the first, but a transaction of reads only is answered by any node from a copy.
    case staleCopies
    /// As the first, but every fifth read of a key returns a value that is ten thousand greater, or a list with
    /// such an element.
    case garbled
  }

  private let design: Design
  private var values: [RawJSON: RawJSON] = [:]
  /// How many transactions the copy contains.
  private var version = 0
  private var count = 0
  private var isWriting = false
  private var waiting: [(Node) -> Void] = []

  init(_ design: Design) { self.design = design }

  func receive(_ message: Message, on node: Node) throws(RPCError) {
    switch message.type {
    case "txn":
      let steps = try message.rawArray("txn").map(Step.init)
      let isLocal = design == .staleCopies && steps.allSatisfy { !$0.isWrite }
      guard node.index != 0, !isLocal else { return try serve(steps, message, as: "txn_ok", on: node) }
      passOn(message, on: node)
    case "passed-on":
      try serve(try message.rawArray("txn").map(Step.init), message, as: "served", on: node)
    case "copy":
      guard try message.integer("version") > version else { return }
      version = try message.integer("version")
      for pair in try message.rawArray("pairs").map(\.elements) { values[pair[0]] = pair[1] }
    default: throw .notSupported(type: message.type)
    }
  }

  private func passOn(_ request: Message, on node: Node) {
    node.call("n0", type: "passed-on", timeout: .seconds(3)) {
      $0.field("txn", (try? request.raw("txn")) ?? RawJSON.null)
    } then: { result, node in
      switch result {
      case .failure(let error): node.reply(to: request, error: error)
      case .success(let reply):
        node.reply(to: request, type: "txn_ok") { $0.field("txn", (try? reply.raw("txn")) ?? RawJSON.null) }
      }
    }
  }
}

// MARK: - Execution

extension ToyTransactions {
  private struct Step {
    private var function: RawJSON
    var key: RawJSON
    var value: RawJSON

    init(_ step: RawJSON) {
      let parts = step.elements
      (function, key, value) = (parts[0], parts[1], parts[2])
    }

    var isWrite: Bool { function != RawJSON(string: "r") }
    var isAppend: Bool { function == RawJSON(string: "append") }
    var json: RawJSON { RawJSON(encoding: [function, key, value]) }
  }

  private func serve(
    _ steps: [Step], _ request: Message, as type: StaticString, on node: Node
  ) throws(RPCError) {
    guard design != .keyByKey else { return proceed(steps, from: 0, request, as: type, on: node) }
    if design == .halfVisible, steps.contains(where: \.isWrite) {
      return write(steps, request, as: type, on: node)
    }
    var steps = steps
    let before = values
    for place in steps.indices { carryOut(&steps[place], before) }
    count += 1
    if design == .staleCopies, steps.contains(where: \.isWrite) { copy(to: node) }
    if design == .dirty, count % 5 == 0 { throw .transactionConflict() }
    reply(to: request, as: type, steps, on: node)
  }

  /// Carries a transaction out when all writers before it are done, if they wait for each other at all.
  private func write(_ steps: [Step], _ request: Message, as type: StaticString, on node: Node) {
    guard !isWriting else {
      return waiting.append { [self] in write(steps, request, as: type, on: $0) }
    }
    isWriting = true
    var steps = steps
    let before = values
    for place in steps.indices { carryOut(&steps[place], before) }
    let written = steps.filter(\.isWrite).map { ($0.key, values[$0.key]) }
    values = before
    apply(written[...], on: node) { [self] node in
      isWriting = false
      reply(to: request, as: type, steps, on: node)
      if !waiting.isEmpty { waiting.removeFirst()(node) }
    }
  }

  private func apply(
    _ pairs: ArraySlice<(RawJSON, RawJSON?)>, on node: Node, then: @escaping (Node) -> Void
  ) {
    guard let (key, value) = pairs.first else { return then(node) }
    values[key] = value
    node.after(.milliseconds(20)) { [self] in apply(pairs.dropFirst(), on: $0, then: then) }
  }

  private func proceed(
    _ steps: [Step], from place: Int, _ request: Message, as type: StaticString, on node: Node
  ) {
    guard place < steps.count else { return reply(to: request, as: type, steps, on: node) }
    var steps = steps
    carryOut(&steps[place], values)
    node.after(.milliseconds(20)) { [self] in proceed(steps, from: place + 1, request, as: type, on: $0) }
  }

  private func carryOut(_ step: inout Step, _ before: [RawJSON: RawJSON]) {
    if step.isAppend {
      values[step.key] = RawJSON(encoding: (values[step.key]?.elements ?? []) + [step.value])
    } else if step.isWrite {
      values[step.key] = step.value
    } else {
      step.value = (design == .readsFirst ? before : values)[step.key] ?? RawJSON.null
      garble(&step.value)
    }
  }

  private func garble(_ value: inout RawJSON) {
    guard design == .garbled else { return }
    let decoded = value.decoded()
    if decoded != .null { count += 1 }
    guard count % 5 == 0 else { return }
    switch decoded {
    case .integer(let integer): value = RawJSON(encoding: JSONValue.integer(integer + 10_000))
    case .array: value = RawJSON(encoding: value.elements + [RawJSON(10_000 + count)])
    default: break
    }
  }

  private func copy(to node: Node) {
    version += 1
    let pairs = values.sorted { "\($0.key)" < "\($1.key)" }.map { [$0.key, $0.value] }
    for peer in node.peers {
      node.send(to: peer, type: "copy") { [version] in
        $0.field("version", version)
        $0.field("pairs", pairs)
      }
    }
  }

  private func reply(to request: Message, as type: StaticString, _ steps: [Step], on node: Node) {
    node.reply(to: request, type: type) { $0.field("txn", steps.map(\.json)) }
  }
}

extension RawJSON {
  fileprivate var elements: [RawJSON] {
    guard case .array(let elements) = decoded() else { return [] }
    return elements.map { RawJSON(encoding: $0) }
  }
}
