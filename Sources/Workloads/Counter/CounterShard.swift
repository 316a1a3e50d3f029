import EddyNode
import EddyTiming

/// One node's part of a counter, kept in `seq-kv` under a key that nobody else writes.
///
/// Every write is a compare-and-set from the state stored last to one of a greater version. As no
/// state ever comes back, a request that arrives late, twice, or from the node's life before a crash
/// finds another state than it expects and does nothing. That is what the version is for; there is no
/// other writer to contend with.
///
/// A node that starts reads its shard, which `seq-kv` may answer from the past, and then stores it
/// under the next version: that succeeds on the newest state only. The same is done when nobody has
/// answered a write. Nothing is written to any other key, or in vain.
///
/// A value under the key that no node of this counter writes is left alone, for it may be anything, even
/// the sum of acknowledged adds damaged: to write over it could lose them. Adds are refused, with an
/// error that says that they did not happen, and the key is read again until it holds a state.
final class Shard {
  /// What is stored: `[version, total]`.
  struct State: Equatable {
    var version = 0
    var total = 0

    /// The versions that are written: far more than a node ever comes to, and each has a next one.
    static let versions = 1..<(1 << 62)
  }

  /// An add that waits to be stored.
  private struct Add {
    var delta: Int
    var request: Message
  }

  /// A write that may have been carried out, or may yet be.
  private struct Attempt {
    var state: State
    /// How many of the adds that wait it stores.
    var addCount: Int
  }

  private static let store = KeyValueStore.sequential
  /// How long to wait when the store answers with something unexpected.
  private static let pause = Duration.milliseconds(500)

  private let flush: Duration
  /// Told of every state that is known to be stored.
  private let stored: (State, Node) -> Void

  /// What was read or stored last; version 0 if there was nothing.
  private var base = State()
  /// Whether `base` is known to be no state of the past.
  private var isCurrent = false
  private var waiting: [Add] = []
  private var attempts: [Attempt] = []
  /// Whether the store has been asked something.
  private var isBusy = false
  /// Whether the key was last found to hold something else than a state.
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

extension Shard {
  /// Adds a number, and acknowledges the request when it is stored.
  func add(_ delta: Int, for request: Message, on node: Node) throws(RPCError) {
    if isForeign { throw Self.foreign }
    waiting.append(Add(delta: delta, request: request))
    notice(request.source, on: node)
    scheduleFlush(on: node)
  }

  /// Whether `sum`, with all that waits, can take `delta` within 64 bits. O(adds that wait).
  func fits(_ delta: Int, onto sum: Int) -> Bool {
    Int(exactly: waiting.reduce(Int128(sum) + Int128(delta)) { $0 + Int128($1.delta) }) != nil
  }

  /// Notes that a client is there, which may add something soon.
  func notice(_ client: String, on node: Node) { groupCommit.hear(client, at: node.now) }

  /// Adds are gathered for as long as ``flush`` after the last time: several clients' are stored
  /// together. When all clients that were heard of lately wait, nobody is left to wait for.
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

  /// Whether what is stored already is the sum of all adds, those that wait included.
  private var changesNothing: Bool { isCurrent && attempts.isEmpty && pending == 0 }
}

// MARK: - Storing

extension Shard {
  private func key(_ node: Node) -> String { "counter/\(node.id)" }

  /// Learns what is stored, and goes on from there.
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
    node.after(Self.pause) { self.recover(on: $0) }
  }

  private static var foreign: RPCError {
    .temporarilyUnavailable("the store holds something else than this node's part of the counter")
  }

  /// Refuses the adds of which it is certain that they are not stored, and looks again later.
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
      settle(attempt, on: node)
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
    // Those that store the same are one: there are no more attempts than adds that wait.
    attempts.removeAll { $0.state == attempt.state }
    attempts.append(attempt)
    Self.store.compareAndSet(
      key(node), from: base.version == 0 ? nil : base, to: attempt.state,
      createIfNotExists: base.version == 0,
      on: node
    ) { result, node in
      switch result {
      case .success: self.settle(attempt, on: node)
      // Even a definite error does not say that it never happened: it may be the answer to a copy of
      // the request.
      case .failure: self.recover(on: node)
      }
    }
  }

  /// Takes a write for done: no other that was attempted can be carried out any more.
  private func settle(_ attempt: Attempt, on node: Node) {
    base = attempt.state
    isCurrent = true
    isBusy = false
    attempts = []
    acknowledge(attempt.addCount, on: node)
    // That a new shard is empty is no news.
    if attempt.addCount > 0 || attempt.state.version > 1 { stored(attempt.state, node) }
    scheduleFlush(on: node)
  }
}

extension Shard {
  /// Replies to those who have waited longest.
  private func acknowledge(_ count: Int, on node: Node) {
    for add in waiting.prefix(count) { node.reply(to: add.request, type: "add_ok") }
    waiting.removeFirst(count)
  }
}

extension Shard.State: JSONEncodable {
  func encode(into writer: inout JSONWriter) { writer.value([version, total]) }

  /// Nil if the value is no state.
  fileprivate init?(_ value: RawJSON) {
    var reader = value.reader
    guard let numbers = try? reader.readArray(of: { (reader) throws(JSONError) in try reader.readInt() }),
      numbers.count == 2, Self.versions.contains(numbers[0])
    else { return nil }
    self.init(version: numbers[0], total: numbers[1])
  }
}
