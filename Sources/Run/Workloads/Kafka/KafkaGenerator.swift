import EddyHistory
import EddyNode
import EddyTiming

/// Generates the operations of kafka clients: sends and polls of changing keys, and occasionally an assign or
/// a crash, in the proportions of Maelstrom's `workload/kafka.clj` and Jepsen's `tests/kafka.clj`.
///
/// An operation is one send or one poll: Maelstrom fixes the length of its transactions at 1, whatever
/// `--max-txn-length` says.
struct KafkaGenerator {
  /// The probability that the next operation is preceded by an assign of its key.
  private static let assignProbability = 1.0 / 64
  /// The probability that an assign includes the keys that have not been polled to their end.
  private static let unseenProbability = 1.0 / 3
  /// The mean time between crashes of a client, in seconds.
  private static let meanTimeToCrash = 30.0

  private var pool: KeyPool
  private var upcoming: KeyPool.Access?
  private let crashProbability: Double
  /// The highest offset sent, for the keys that have not been polled up to it.
  private var sent: [Int: Int] = [:]
  private var polled: [Int: Int] = [:]
  /// The highest offset seen of each key.
  private(set) var highest: [Int: Int] = [:]

  init(_ options: TestOptions) {
    pool = KeyPool(count: options.keyCount ?? 10, maxWritesPerKey: options.maxWritesPerKey)
    // Jepsen schedules crashes by the clock, at most every other operation.
    let perSecond = Double(options.concurrency) / Self.meanTimeToCrash
    crashProbability = min(0.5, perSecond / max(options.rate, .leastNonzeroMagnitude))
  }

  mutating func next(_ random: inout SeededGenerator) -> Invocation {
    if random.chance(crashProbability) { return Invocation("crash") }
    let access = upcoming ?? pool.next(&random)
    upcoming = access
    if random.chance(Self.assignProbability) { return assign(access.key, &random) }
    upcoming = nil
    return invocation(access)
  }

  /// Makes a send, a poll, or an assign of one key.
  mutating func invocation(of function: String, _ random: inout SeededGenerator) -> Invocation {
    while true {
      let access = pool.next(&random)
      switch (function, access) {
      case ("assign", _): return .assign([access.key])
      case ("send", .write), ("poll", .read): return invocation(access)
      default: precondition(["send", "poll"].contains(function), "kafka has no function \(function)")
      }
    }
  }

  private func invocation(_ access: KeyPool.Access) -> Invocation {
    switch access {
    case .read: Invocation("poll", KafkaMicroOperation.encode(poll: nil))
    case .write(let key, let value):
      Invocation("send", KafkaMicroOperation.encode(send: RawJSON(value), to: String(key)))
    }
  }

  private func assign(_ key: Int, _ random: inout SeededGenerator) -> Invocation {
    let seeksUnseen = !sent.isEmpty && random.chance(Self.unseenProbability)
    let unseen = seeksUnseen ? sent.keys.sorted().filter { $0 != key } : []
    return .assign(unseen + [key])
  }

  mutating func observe(_ completion: Operation) {
    guard completion.kind == .ok, ["send", "poll"].contains(completion.function) else { return }
    let operations = KafkaMicroOperation.list(completion.value)
    let nowSent = offsets(operations) { $0.isSend }
    let nowPolled = offsets(operations) { !$0.isSend }
    for found in [nowSent, nowPolled] { highest.merge(found, uniquingKeysWith: max) }
    sent.merge(nowSent, uniquingKeysWith: max)
    polled.merge(nowPolled, uniquingKeysWith: max)
    for key in Set(nowSent.keys).union(nowPolled.keys) where polled[key] ?? -1 >= sent[key] ?? -1 {
      sent[key] = nil
      polled[key] = nil
    }
  }

  private func offsets(
    _ operations: [KafkaMicroOperation], where isIncluded: (KafkaMicroOperation) -> Bool
  ) -> [Int: Int] {
    var offsets: [Int: Int] = [:]
    for (key, offset) in KafkaMicroOperation.highestOffsets(operations, where: isIncluded) {
      if let key = Int(key) { offsets[key] = offset }
    }
    return offsets
  }
}

/// The operations of a client thread after recovery: it replaces its process, then polls all keys from the
/// beginning until it has reached the highest offsets that any client has seen, for at most ten seconds.
struct KafkaFinalPolls: FinalOperations {
  private static let timeLimit = Duration.seconds(10)
  /// The mean interval between polls.
  private static let interval = Duration.milliseconds(200)

  /// The offsets not reached yet.
  private var targets: [Int: Int]
  private var opening: [Invocation]
  private var end: Instant?
  private var nextPoll = Instant.zero

  init(targets: [Int: Int]) {
    self.targets = targets
    opening = [Invocation("crash", isFinal: true), .assign(targets.keys.sorted(), isFinal: true)]
  }

  mutating func next(
    at now: Instant, _ random: inout SeededGenerator
  ) -> (invocation: Invocation, due: Instant)? {
    if end == nil { end = now + Self.timeLimit }
    let due = opening.isEmpty ? max(now, nextPoll) : now
    guard !targets.isEmpty, let end, due < end else { return nil }
    guard opening.isEmpty else { return (opening.removeFirst(), due) }
    nextPoll = due + .nanoseconds(Int(random.unit() * 2 * Double(Self.interval.nanoseconds)))
    return (Invocation("poll", KafkaMicroOperation.encode(poll: nil), isFinal: true), due)
  }

  mutating func observe(_ completion: Operation) {
    guard completion.kind == .ok, completion.function == "poll" else { return }
    let seen = KafkaMicroOperation.highestOffsets(KafkaMicroOperation.list(completion.value))
    for (name, offset) in seen {
      guard let key = Int(name), let target = targets[key], target <= offset else { continue }
      targets[key] = nil
    }
  }
}

extension Invocation {
  /// Assigns these keys to the client.
  fileprivate static func assign(_ keys: [Int], isFinal: Bool = false) -> Invocation {
    Invocation(
      "assign", RawJSON(encoding: JSONValue.array(keys.map { .string(String($0)) })), isFinal: isFinal)
  }
}
