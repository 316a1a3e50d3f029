public import EddyNode

/// Maelstrom's `txn-rw-register`: transactions of reads and writes, answered by any node at once.
///
/// A transaction is executed on this node's registers, alone and as a whole: it sees its own writes, and all or
/// nothing of any other. Its writes spread as one `WriteSet` by ``Gossip``. Of two writes of a key the one
/// with the later stamp wins everywhere. No node waits for another, so the registers are available under any
/// partition (Bailis et al., "Highly available transactions", 2013).
///
/// A transaction's stamp is later than the stamps of all that it has seen. So its writes never lose to what it
/// read, and writes and reads form no cycle (no G0, no G1c). Reads see committed, final and whole write sets
/// (no G1a, no G1b; read-atomic). Concurrent updates of one key on two nodes are not prevented, which no
/// available system can do: one of them is lost.
///
/// A transaction is acknowledged when this node has it in its memory. It is kept there, for nodes that lack it,
/// as long as one of its writes can be read: memory grows with keys, not with transactions.
public final class TxnRegister: Handler, GossipingHandler {
  private let registers: Registers
  let gossip: Gossip
  /// This incarnation's number in stamps.
  private var writer = 0

  /// The default time between two rounds of gossip.
  public static let defaultWindow = Duration.milliseconds(250)

  /// - Parameter window: The time between two rounds of gossip.
  public init(window: Duration = defaultWindow) {
    let registers = Registers()
    self.registers = registers
    gossip = Gossip(.init(window: window)) { gossip, entry, id in
      if let set = WriteSet(entry) { registers.apply(set, from: id) } else { gossip.forget(id) }
    }
    registers.superseded = { [unowned gossip] in gossip.forget($0) }
  }

  public func start(on node: Node) {
    writer = node.random.below(1 << 31)
    gossip.start(on: node)
  }

  public func receive(_ message: Message, on node: Node) throws(RPCError) {
    switch message.type {
    case "txn":
      let completed = try execute(try operations(message), on: node)
      node.reply(to: message, type: "txn_ok") { $0.field("txn", completed) }
    case "gossip":
      try gossip.receive(message, on: node)
    default:
      throw .notSupported(type: message.type)
    }
  }
}

// MARK: - Execution

extension TxnRegister {
  /// A micro-operation: `["r", key, null]` or `["w", key, value]`.
  struct MicroOperation: JSONEncodable {
    var isWrite: Bool
    var key: RawJSON
    var value: RawJSON

    init(_ parts: [RawJSON]) throws(RPCError) {
      guard parts.count == 3 else {
        throw .malformedRequest("a micro-operation is a function, a key and a value")
      }
      switch parts[0].decoded() {
      case "r": isWrite = false
      case "w": isWrite = true
      default: throw .malformedRequest("a micro-operation is \"r\" or \"w\", not \(parts[0])")
      }
      (key, value) = (parts[1], parts[2])
    }

    func encode(into writer: inout JSONWriter) {
      writer.value([RawJSON(string: isWrite ? "w" : "r"), key, value])
    }
  }

  /// The micro-operations of a transaction, all of them checked before any is executed.
  private func operations(_ message: Message) throws(RPCError) -> [MicroOperation] {
    var operations: [MicroOperation] = []
    for parts in try message.value("txn", as: [[RawJSON]].self) {
      operations.append(try MicroOperation(parts))
    }
    return operations
  }

  /// Executes all operations, and returns them with what was read.
  private func execute(_ operations: [MicroOperation], on node: Node) throws(RPCError) -> [MicroOperation] {
    var operations = operations
    var written: [(key: RawJSON, value: RawJSON)] = []
    for (index, operation) in operations.enumerated() {
      let earlier = written.firstIndex { $0.key == operation.key }
      if !operation.isWrite {
        operations[index].value =
          earlier.map { written[$0].value } ?? registers.value(of: operation.key) ?? RawJSON.null
      } else if let earlier {
        written[earlier].value = operation.value
      } else {
        written.append((operation.key, operation.value))
      }
    }
    if !written.isEmpty {
      guard let stamp = registers.nextStamp(writer: writer, on: node) else {
        throw .temporarilyUnavailable("a peer's clock is so far ahead that no later stamp exists")
      }
      let set = WriteSet(stamp: stamp, writes: written)
      gossip.publish(RawJSON(encoding: set), on: node)
    }
    return operations
  }
}
