import EddyRaft
import EddyTiming

/// A cluster of Raft nodes in virtual time: a network that delays, loses and duplicates, disks that lose what was
/// not synced, clocks that run at different speeds, nodes that are paused and killed.
///
/// Clients append unique numbers to lists and read them. The cluster checks after every event that the
/// invariants hold, that nothing is executed twice, and that every operation sees all that completed before it.
final class RaftCluster {
  struct Network {
    var latency: ClosedRange<Int> = 0...0
    var loss = 0.0
    var duplication = 0.0
    /// Pairs of sender and receiver whose messages are dropped.
    var blocked: Set<[Int]> = []
  }

  final class Process {
    var raft: Raft
    var lists: [[Int]]
    var isPaused = false
    var reads: [Int: (key: Int, length: Int)] = [:]
    var writes: [Int: (key: Int, value: Int, length: Int)] = [:]
    /// Records that were written and are not durable, each with what durable storage is then.
    var unsynced: [RaftDirective] = []
    var syncedCount = 0
    var isSyncing = false
    var inbox: [(RaftMessage, Int)] = []
    var wake: Instant?

    init(_ raft: Raft, keys: Int) {
      self.raft = raft
      lists = Array(repeating: [], count: keys)
    }
  }

  enum Event {
    case deliver(RaftMessage, from: Int, to: Int)
    case wake(Int, Process)
    case synced(Int, Process, count: Int)
    case run(() -> Void)
  }

  let count: Int
  let keys = 4
  let options: RaftOptions
  var random: TestRandom
  private(set) var now = Instant.zero
  var network = Network()
  /// How long a sync takes, in nanoseconds.
  var syncTime: ClosedRange<Int> = 0...0
  var isDurable = true
  private(set) var processes: [Process?]
  private var disks: [[RaftRecord]]
  /// Each clock's speed in millionths above the true one.
  var drift: [Int]
  private var events: [(time: Int, order: Int, event: Event)] = []
  private var order = 0
  /// The number of messages when the present second began.
  private var earlierMessageCount = 0
  /// The most messages of a cluster in a second. One in which messages cause more messages each has more.
  private static let messageLimit = 5_000
  private var invariants = RaftInvariants()
  private var nextValue = 1
  /// For each key the greatest length that a completed operation has seen.
  private var seen: [Int]
  private(set) var completedCount = 0
  private(set) var localReadCount = 0
  private(set) var messageCount = 0
  private(set) var violation: String?
  /// Called with every message that a node sends, and the node.
  var onSend: ((RaftMessage, Int) -> Void)?
  /// Every message and note, if asked for.
  var transcript: [String]?
  private var isFirstStart: [Bool]

  init(count: Int, seed: UInt64, options: RaftOptions = RaftOptions()) {
    self.count = count
    self.options = options
    random = TestRandom(seed: seed)
    processes = Array(repeating: nil, count: count)
    disks = Array(repeating: [], count: count)
    drift = Array(repeating: 0, count: count)
    seen = Array(repeating: 0, count: keys)
    isFirstStart = Array(repeating: true, count: count)
  }

  func clock(_ node: Int) -> Instant {
    let elapsed = now.nanoseconds
    return Instant(nanoseconds: 1_000_000_000 + elapsed + elapsed / 1_000_000 * drift[node])
  }

  // MARK: Time

  func schedule(after nanoseconds: Int, _ event: Event) {
    order += 1
    let entry = (time: now.nanoseconds + nanoseconds, order: order, event: event)
    var low = 0
    var high = events.count
    while low < high {
      let middle = (low + high) / 2
      if (events[middle].time, events[middle].order) > (entry.time, entry.order) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    events.insert(entry, at: low)
  }

  func at(_ milliseconds: Int, _ body: @escaping () -> Void) {
    schedule(after: milliseconds * 1_000_000 - now.nanoseconds, .run(body))
  }

  func run(untilMilliseconds end: Int) {
    while violation == nil, let next = events.last, next.time <= end * 1_000_000 {
      events.removeLast()
      countMessages(inSecondOf: next.time)
      now = Instant(nanoseconds: next.time)
      handle(next.event)
      violation =
        violation
        ?? invariants.check(processes.compactMap { $0?.raft }) { [self] in
          processes[$0]?.isPaused == true ? nil : clock($0)
        }
    }
    now = Instant(nanoseconds: end * 1_000_000)
  }

  private func countMessages(inSecondOf time: Int) {
    if time / 1_000_000_000 > now.nanoseconds / 1_000_000_000 { earlierMessageCount = messageCount }
    let count = messageCount - earlierMessageCount
    if count > Self.messageLimit { violation = "\(count) messages within a second" }
  }

  private func handle(_ event: Event) {
    switch event {
    case .deliver(let message, let sender, let receiver):
      guard !network.blocked.contains([sender, receiver]), let process = processes[receiver] else { return }
      process.inbox.append((message, sender))
      step(receiver)
    case .wake(let node, let process):
      guard processes[node] === process else { return }
      process.wake = nil
      step(node)
    case .synced(let node, let process, let count):
      guard processes[node] === process else { return }
      for directive in process.unsynced.prefix(count) { store(directive, on: node) }
      process.unsynced.removeFirst(count)
      process.syncedCount += count
      process.isSyncing = false
      step(node)
    case .run(let body): body()
    }
  }

  /// Lets a node handle what has arrived and what is due.
  func step(_ node: Int) {
    guard let process = processes[node], !process.isPaused else { return }
    let inbox = process.inbox
    process.inbox = []
    for (message, sender) in inbox { process.raft.receive(message, from: sender, at: clock(node)) }
    process.raft.noteDurable(process.syncedCount, at: clock(node))
    process.raft.advance(to: clock(node))
    carryOut(node, process)
  }

  private func carryOut(_ node: Int, _ process: Process) {
    while true {
      let directives = process.raft.takeDirectives()
      if directives.isEmpty { break }
      for directive in directives { carryOut(directive, node, process) }
    }
    sync(node, process)
    guard let deadline = process.raft.nextDeadline else { return }
    let delay = max(0, (deadline - clock(node)).nanoseconds) + (deadline > clock(node) ? 20_000 : 0)
    let time = now + .nanoseconds(delay)
    if process.wake.map({ time < $0 }) ?? true {
      process.wake = time
      schedule(after: delay, .wake(node, process))
    }
  }

  private func carryOut(_ directive: RaftDirective, _ node: Int, _ process: Process) {
    switch directive {
    case .send(let message, let receiver): send(message, from: node, to: receiver)
    case .persist, .rewrite: process.unsynced.append(directive)
    case .apply(_, let batch, let tokens): apply(batch, tokens, process)
    case .restore(let snapshot): process.lists = Self.decode(snapshot.data, keys: keys)
    case .forget(let tokens): for token in tokens { process.writes[token] = nil }
    case .takeSnapshot: process.raft.compact(Self.encode(process.lists), at: clock(node))
    case .serveReads(let number):
      for (id, read) in process.reads where id <= number {
        process.reads[id] = nil
        complete(
          key: read.key, length: process.lists[read.key].count, atLeast: read.length,
          "ReadIndex at node \(node)")
      }
    case .note(let event): transcript?.append("\(milliseconds) n\(node) \(event)")
    }
  }

  private func sync(_ node: Int, _ process: Process) {
    guard isDurable else {
      process.raft.noteDurable(process.syncedCount + process.unsynced.count, at: clock(node))
      guard !process.unsynced.isEmpty else { return }
      process.syncedCount += process.unsynced.count
      process.unsynced = []
      return carryOut(node, process)
    }
    guard !process.unsynced.isEmpty, !process.isSyncing else { return }
    process.isSyncing = true
    schedule(after: random.within(syncTime), .synced(node, process, count: process.unsynced.count))
  }

  private func store(_ directive: RaftDirective, on node: Int) {
    switch directive {
    case .persist(let record): disks[node].append(record)
    case .rewrite(let records): disks[node] = records
    default: break
    }
  }

  private var milliseconds: String { "\(now.nanoseconds / 1_000_000)" }

  private func send(_ message: RaftMessage, from sender: Int, to receiver: Int) {
    messageCount += 1
    onSend?(message, sender)
    transcript?.append("\(milliseconds) n\(sender) -> n\(receiver) \(message.line)")
    let copies = random.chance(network.duplication) ? 2 : 1
    for _ in 0..<copies where !random.chance(network.loss) {
      schedule(after: random.within(network.latency), .deliver(message, from: sender, to: receiver))
    }
  }

  // MARK: The state machine: a command is a key and a number, which is appended to the key's list.

  private func apply(_ batch: Batch, _ tokens: [Int]?, _ process: Process) {
    for (index, command) in batch.commands.enumerated() {
      let (key, value) = Self.decode(command)
      if process.lists[key].contains(value) { violation = "command \(value) is executed twice" }
      process.lists[key].append(value)
      guard let token = tokens?[index], let write = process.writes.removeValue(forKey: token) else {
        continue
      }
      if write.value != value { violation = "command \(value) is answered as \(write.value)" }
      complete(key: key, length: process.lists[key].count, atLeast: write.length + 1, "a write")
    }
  }

  private func complete(key: Int, length: Int, atLeast least: Int, _ what: String) {
    completedCount += 1
    if length < least {
      violation = "\(what) sees \(length) elements of key \(key), and \(least) were seen before"
    }
    seen[key] = max(seen[key], length)
  }

  static func encode(_ key: Int, _ value: Int) -> RaftCommand { Array("\(key) \(value)".utf8) }

  static func decode(_ command: RaftCommand) -> (Int, Int) {
    let parts = String(decoding: command, as: UTF8.self).split(separator: " ")
    return (Int(parts[0])!, Int(parts[1])!)
  }

  static func encode(_ lists: [[Int]]) -> [UInt8] {
    Array(lists.map { $0.map(String.init).joined(separator: ",") }.joined(separator: ";").utf8)
  }

  static func decode(_ data: [UInt8], keys: Int) -> [[Int]] {
    String(decoding: data, as: UTF8.self).split(separator: ";", omittingEmptySubsequences: false)
      .map { $0.split(separator: ",").map { Int($0)! } }
  }

  // MARK: Clients

  func write(_ key: Int, at node: Int) {
    guard let process = processes[node], !process.isPaused else { return }
    let value = nextValue
    nextValue += 1
    process.writes[value] = (key, value, seen[key])
    _ = process.raft.propose(Self.encode(key, value), token: value, at: clock(node))
    process.raft.flush(isComplete: random.chance(0.5), at: clock(node))
    carryOut(node, process)
  }

  func read(_ key: Int, at node: Int) {
    guard let process = processes[node], !process.isPaused else { return }
    let hasPending = process.raft.hasPending { $1.commands.contains { Self.decode($0).0 == key } }
    switch process.raft.readability(at: clock(node)) {
    case .everything,
      .exceptUncommitted where !hasPending:
      localReadCount += 1
      process.raft.noteActivity(at: clock(node))
      complete(key: key, length: process.lists[key].count, atLeast: seen[key], "a local read at node \(node)")
    default:
      let number = process.raft.requestRead(at: clock(node))
      process.reads[number] = (key, seen[key])
      process.raft.flush(isComplete: random.chance(0.5), at: clock(node))
    }
    carryOut(node, process)
  }

  // MARK: Faults

  func start(_ node: Int, lost: Bool = false) {
    let start: Raft.Start =
      lost ? .lost : isFirstStart[node] ? .new : .recovered(disks[node])
    isFirstStart[node] = false
    let session = clock(node).nanoseconds / 1000
    let process = Process(
      Raft(id: node, count: count, options: options, session: session, start: start, at: clock(node)),
      keys: keys)
    processes[node] = process
    step(node)
  }

  func startAll() { for node in 0..<count { start(node) } }

  /// Kills a node. Of what is not synced a random part is durable.
  func kill(_ node: Int) {
    guard let process = processes[node] else { return }
    let kept = random.within(0...process.unsynced.count)
    for directive in process.unsynced.prefix(kept) { store(directive, on: node) }
    processes[node] = nil
  }

  func pause(_ node: Int) { processes[node]?.isPaused = true }

  func resume(_ node: Int) {
    processes[node]?.isPaused = false
    step(node)
  }

  func isolate(_ nodes: Set<Int>) {
    network.blocked = []
    for a in 0..<count {
      for b in 0..<count where nodes.contains(a) != nodes.contains(b) { network.blocked.insert([a, b]) }
    }
  }

  func heal() { network = Network() }

  func transferLeadership() {
    guard let leader else { return }
    processes[leader]!.raft.transferLeadership(at: clock(leader))
    carryOut(leader, processes[leader]!)
  }

  var leader: Int? {
    processes.compactMap { $0?.raft }.filter(\.isLeader).max { $0.term < $1.term }?.id
  }

  /// What waits for an answer at nodes that run.
  var pendingCount: Int { processes.reduce(0) { $0 + ($1.map { $0.writes.count + $0.reads.count } ?? 0) } }
}
