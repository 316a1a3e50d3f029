import Eddy

/// Locks with leases, kept in `lin-kv`.
///
///     acquire {"name": "printer"}              → acquire_ok {"token": 1}
///     renew   {"name": "printer", "token": 1}  → renew_ok {}
///     release {"name": "printer", "token": 1}  → release_ok {}
///
/// A request that the lock's state does not allow gets error 22, precondition-failed.
///
/// Nodes keep no state, so that none is lost with them: any node serves any lock. No clock is stored either. A
/// node that finds a lock held looks again after the length of a lease. If nobody has renewed it meanwhile, its
/// holder has had a lease's length without a renewal, and the lock is free. A token is larger than all before
/// it, so that what the lock protects can refuse a holder who comes too late.
final class LockNode: Handler {
  /// How long a holder may go without renewing its lock.
  static let leaseLength = Duration.seconds(1)

  private static let store = KeyValueStore.linearizable

  func receive(_ request: Message, on node: Node) throws(RPCError) {
    switch request.type {
    case "acquire":
      acquire(try request.string("name"), for: request, on: node)
    case "renew":
      change(try request.string("name"), try request.integer("token"), for: request, on: node) { $0.renewed }
    case "release":
      change(try request.string("name"), try request.integer("token"), for: request, on: node) { $0.released }
    default:
      throw .notSupported(type: request.type)
    }
  }

  private func acquire(_ name: String, for request: Message, on node: Node) {
    read(name, for: request, on: node) { lease, node in
      guard lease.isHeld else { return self.take(name, lease, for: request, on: node) }
      node.after(Self.leaseLength) { node in
        self.read(name, for: request, on: node) { later, node in
          if later == lease || !later.isHeld {
            self.take(name, later, for: request, on: node)
          } else {
            node.reply(to: request, error: .preconditionFailed("the lock is held"))
          }
        }
      }
    }
  }

  private func take(_ name: String, _ lease: Lease, for request: Message, on node: Node) {
    write(name, lease, lease.next, for: request, on: node) { node in
      node.reply(to: request, type: "acquire_ok") { $0.field("token", lease.next.token) }
    }
  }

  /// Replaces the lease that a client holds by what `change` makes of it.
  private func change(
    _ name: String, _ token: Int, for request: Message, on node: Node, _ change: @escaping (Lease) -> Lease
  ) {
    read(name, for: request, on: node) { lease, node in
      guard lease.isHeld, lease.token == token else {
        return node.reply(
          to: request, error: .preconditionFailed("the token \(token) does not hold the lock"))
      }
      self.write(name, lease, change(lease), for: request, on: node) { node in
        node.reply(to: request, type: request.type + "_ok")
      }
    }
  }
}

// MARK: - The store

extension LockNode {
  /// Reads a lock's lease and runs `then`; answers the request itself when that fails.
  private func read(
    _ name: String, for request: Message, on node: Node, then: @escaping (Lease, Node) -> Void
  ) {
    Self.store.read("lock/\(name)", as: [Int].self, on: node) { result, node in
      switch result {
      case .success(nil): then(Lease(), node)
      case .success(let numbers?):
        guard let lease = Lease(numbers) else {
          return node.reply(to: request, error: .abort("what is stored is no lease"))
        }
        then(lease, node)
      case .failure(let error): node.reply(to: request, error: error)
      }
    }
  }

  /// Replaces a lease by another one if nobody has changed it meanwhile, and runs `then`; answers the request
  /// itself when that fails.
  private func write(
    _ name: String, _ old: Lease, _ new: Lease, for request: Message, on node: Node,
    then: @escaping (Node) -> Void
  ) {
    Self.store.compareAndSet(
      "lock/\(name)", from: old, to: new, createIfNotExists: old == Lease(), on: node
    ) { result, node in
      switch result {
      case .success: then(node)
      case .failure(let error): node.reply(to: request, error: error)
      }
    }
  }
}
