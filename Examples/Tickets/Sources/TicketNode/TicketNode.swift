public import Eddy

/// Gives each client the next ticket, as the machine in a post office does: `take {}` → `take_ok {"ticket": 17}`.
///
/// The next ticket is kept in `lin-kv` under one key. A node takes it by a compare-and-set.
public final class TicketNode: Handler {
  private static let store = KeyValueStore.linearizable
  private static let key = "next-ticket"

  private let blockLength: Int
  /// Tickets that this node has taken from the store and not yet given to anybody.
  private var reserved = 0..<0

  /// - Parameter blockLength: How many tickets a node takes from the store at a time. With more than one, nodes
  ///   give tickets out of order: a planted bug, for the workload to find.
  public init(blockLength: Int = 1) { self.blockLength = blockLength }

  public func receive(_ request: Message, on node: Node) throws(RPCError) {
    guard request.type == "take" else { throw .notSupported(type: request.type) }
    take(for: request, on: node)
  }

  private func take(for request: Message, on node: Node) {
    if let ticket = reserved.popFirst() { return reply(ticket, to: request, on: node) }
    Self.store.read(Self.key, as: Int.self, on: node) { result, node in
      switch result {
      case .success(let next): self.reserve(from: next, for: request, on: node)
      case .failure(let error): node.reply(to: request, error: error)
      }
    }
  }

  private func reserve(from next: Int?, for request: Message, on node: Node) {
    let first = next ?? 1
    let end = first + blockLength
    Self.store.compareAndSet(
      Self.key, from: next, to: end, createIfNotExists: next == nil, on: node
    ) { result, node in
      switch result {
      case .success:
        self.reserved = (first + 1)..<end
        self.reply(first, to: request, on: node)
      // Another node was faster.
      case .failure(let error) where error.isDefinite: self.take(for: request, on: node)
      case .failure(let error): node.reply(to: request, error: error)
      }
    }
  }

  private func reply(_ ticket: Int, to request: Message, on node: Node) {
    node.reply(to: request, type: "take_ok") { $0.field("ticket", ticket) }
  }
}
