import EddyNode
import EddyTiming

/// One node's part of a counter, kept in `seq-kv` under a key that nobody else writes.
///
/// Every write is a compare-and-set from the state stored last to one of a greater version. No state ever
/// comes back. So a request that arrives late, twice, or from a former incarnation finds another state than it
/// expects and does nothing. That is what the version is for; there is no other writer to contend with.
///
/// A node that starts reads its shard, which `seq-kv` may answer from the past, and then stores it
/// under the next version, which succeeds on the newest state only. It does the same when a write was not
/// answered. It writes to no other key.
///
/// A value under the key that no node of this counter writes is not replaced: it may be the damaged sum of
/// acknowledged adds. Adds are refused, with an error that says that they did not happen, and the key is read
/// again until it holds a state.
final class CounterShard {
  /// What is stored: `[version, total]`.
  struct State: Equatable {
    var version = 0
    var total = 0

    /// The versions that can be written. Each has a next one.
    static let versions = 1..<(1 << 62)
  }

  /// An add that waits to be stored.
  private struct Add {
    var delta: Int
    var request: Message
  }

  /// A write of which nobody knows whether it was, or will be, carried out.
  private struct Attempt {
    var state: State
    /// How many of the waiting adds it stores.
    var addCount: Int
  }

  private static let store = KeyValueStore.sequential
  /// How long to wait before the key is read again.
  private static let retryInterval = Duration.milliseconds(500)

  private let flush: Duration
  /// Called with every state that is known to be stored.
  private let stored: (State, Node) -> Void

  /// The state that was read or stored last; version 0 if there was none.
  private var base = State()
  /// Whether `base` is known to be the newest state.
  private var isCurrent = false
  private var waiting: [Add] = []
  private var attempts: [Attempt] = []
  /// Whether an answer of the store is awaited.
  private var isBusy = false
  /// Whether the key was last found to hold something that is no state.
  private var isForeign = false
  private var lastFlush: Instant?
  private var timer: TimerID?
  private var groupCommit: GroupCommit

  init(flush: Duration, stored: @escaping (State, Node) -> Void) {
    self.flush = flush
    self.stored = stored
    groupCommit = GroupCommit(memory: flush * 2)
  }

  func start(on node: Node) { recover(on: node) }
}

// MARK: - Gathering

extension CounterShard {
  /// Adds a number, and acknowledges the request when it is stored. Throws if the key holds no state.
  func add(_ delta: Int, for request: Message, on node: Node) throws(RPCError) {
    if isForeign { throw Self.foreign }
    waiting.append(Add(delta: delta, request: request))
    notice(request.source, on: node)
    scheduleFlush(on: node)
  }

  /// Whether `sum`, all waiting adds and `delta` together fit into 64 bits. O(waiting adds).
  func fits(_ delta: Int, onto sum: Int) -> Bool {
    Int(exactly: waiting.reduce(Int128(sum) + Int128(delta)) { $0 + Int128($1.delta) }) != nil
  }

  /// Notes a client, which may add something soon.
  func notice(_ client: String, on node: Node) { groupCommit.hear(client, at: node.now) }

  /// Writes when ``flush`` has passed since the last write, so that the adds of several clients are stored
  /// together; or at once, when all clients that were heard of lately wait.
  private func scheduleFlush(on node: Node) {
    guard !isBusy, !waiting.isEmpty else { return }
    let due = lastFlush.map { $0 + flush } ?? node.now
    let clients = Set(waiting.map(\.request.source))
    if due <= node.now || changesNothing || groupCommit.isComplete(waiting: clients, at: node.now) {
      return write(on: node)
    }
    guard timer == nil else { return }
    timer = node.after(due - node.now) {
      self.timer = nil
      self.write(on: $0)
    }
  }

  private var pending: Int { waiting.reduce(0) { $0 &+ $1.delta } }

  /// Whether the waiting adds leave the stored sum as it is.
  private var changesNothing: Bool { isCurrent && attempts.isEmpty && pending == 0 }
}

// MARK: - Storing

extension CounterShard {
  private func key(_ node: Node) -> String { "counter/\(node.id)" }

  /// Reads what is stored, and continues from there.
  private func recover(on node: Node) {
    isBusy = true
    Self.store.read(key(node), on: node) { result, node in
      switch result {
      case .success(nil): self.resume(from: State(), on: node)
      case .success(let value?):
        if let state = State(value) {
          self.resume(from: state, on: node)
        } else {
          self.refuse(value, on: node)
        }
      case .failure(let error): self.recoverLater("\(error)", on: node)
      }
    }
  }

  private func recoverLater(_ reason: String, on node: Node) {
    node.log(.warning, "cannot read its shard", ["key": key(node), "reason": reason])
    node.after(Self.retryInterval) { self.recover(on: $0) }
  }

  private static var foreign: RPCError {
    .temporarilyUnavailable("the store holds something else than this node's part of the counter")
  }

  /// Refuses the adds that are certainly not stored, and reads again later.
  private func refuse(_ value: RawJSON, on node: Node) {
    isForeign = true
    let uncertain = attempts.map(\.addCount).max() ?? 0
    for add in waiting.dropFirst(uncertain) { node.reply(to: add.request, error: Self.foreign) }
    waiting = Array(waiting.prefix(uncertain))
    recoverLater("it holds \(value.description.prefix(120)), which is no state", on: node)
  }

  private func resume(from state: State, on node: Node) {
    isForeign = false
    base = state
    if let attempt = attempts.first(where: { $0.state == state }) {
      complete(attempt, on: node)
    } else {
      write(on: node)
    }
  }

  private func write(on node: Node) {
    if let timer { node.cancel(timer) }
    timer = nil
    if changesNothing { return acknowledge(waiting.count, on: node) }
    isBusy = true
    lastFlush = node.now
    let attempt = Attempt(
      state: State(version: base.version + 1, total: base.total &+ pending), addCount: waiting.count)
    // Attempts to store the same state are one: there are no more attempts than waiting adds.
    attempts.removeAll { $0.state == attempt.state }
    attempts.append(attempt)
    Self.store.compareAndSet(
      key(node), from: base.version == 0 ? nil : base, to: attempt.state,
      createIfNotExists: base.version == 0,
      on: node
    ) { result, node in
      switch result {
      case .success: self.complete(attempt, on: node)
      // Even a definite error does not say that the write never happened: it may answer a copy of the
      // request.
      case .failure: self.recover(on: node)
      }
    }
  }

  /// Notes that a write was carried out. No other attempt can be carried out any more.
  private func complete(_ attempt: Attempt, on node: Node) {
    base = attempt.state
    isCurrent = true
    isBusy = false
    attempts = []
    acknowledge(attempt.addCount, on: node)
    // Nobody need be told that a new shard is empty.
    if attempt.addCount > 0 || attempt.state.version > 1 { stored(attempt.state, node) }
    scheduleFlush(on: node)
  }
}

extension CounterShard {
  /// Replies to those who have waited longest.
  private func acknowledge(_ count: Int, on node: Node) {
    for add in waiting.prefix(count) { node.reply(to: add.request, type: "add_ok") }
    waiting.removeFirst(count)
  }
}

extension CounterShard.State: JSONEncodable {
  func encode(into writer: inout JSONWriter) { writer.value([version, total]) }

  /// Nil if the value is no state.
  fileprivate init?(_ value: RawJSON) {
    var reader = value.reader
    guard let numbers = try? [Int](reading: &reader),
      numbers.count == 2, Self.versions.contains(numbers[0])
    else { return nil }
    self.init(version: numbers[0], total: numbers[1])
  }
}
