import Node
import Timing

// The segments: how they are stored, read and applied.

extension Kafka {
  /// How many slots are read at once at most while catching up.
  private static let widestRead = 64
  /// How long a gap may stay open before it is read from the store: messages overtake each other.
  private static let gapPatience = Duration.milliseconds(200)
  /// After how long without news a poll makes the node look for some.
  private static let staleAfter = Duration.seconds(1)
  private static let retryInterval = Duration.milliseconds(200)

  private static func key(of slot: Int) -> String { "kafka/segment/\(slot)" }

  /// What became of an attempt to store a segment.
  enum StoreOutcome {
    case stored
    /// The slot is taken: by another segment, or by this one, of an earlier copy of the request.
    case taken
    /// Nobody knows.
    case unknown
  }

  /// Writes a segment to its slot, unless that is taken.
  func store(_ segment: KafkaSegment, on node: Node, then: @escaping (StoreOutcome, Node) -> Void) {
    // No segment is null, so an existing one is never replaced.
    KeyValueStore.linearizable.compareAndSet(
      Self.key(of: segment.slot), from: Int?.none, to: segment, createIfNotExists: true, on: node
    ) { result, node in
      switch result {
      case .success: then(.stored, node)
      case .failure(let error): then(error.isDefinite ? .taken : .unknown, node)
      }
    }
  }

  /// Takes a segment that is stored, and applies it when all before it have been.
  func take(_ segment: KafkaSegment, on node: Node) {
    guard segment.slot >= logs.nextSlot else { return }
    ahead[segment.slot] = segment
    applyAhead(on: node)
    watchGap(on: node)
  }

  /// Sees to it that what is missing before a segment gets read, unless it comes by itself.
  private func watchGap(on node: Node) {
    if ahead.isEmpty {
      lastNews = node.now
      if let timer = gapTimer.take() { node.cancel(timer) }
    } else if gapTimer == nil {
      gapTimer = node.after(Self.gapPatience) { [unowned self] node in
        gapTimer = nil
        let known = ahead.keys.min().map { $0 - logs.nextSlot } ?? 0
        catchUp(known: known, on: node) { [unowned self] in flushIfDue(on: $0) }
      }
    }
  }

  private func applyAhead(on node: Node) {
    let first = logs.nextSlot
    defer { if logs.nextSlot > first { noteAnswer(on: node) } }
    while let segment = ahead.removeValue(forKey: logs.nextSlot) {
      let known = logs.count(from: own)
      logs.apply(segment) { origin, number, offset in
        guard origin == own else { return }
        node.reply(to: pending[number - known].request, type: "send_ok") { $0.field("offset", offset) }
      }
      pending.removeFirst(logs.count(from: own) - known)
      offered.removeAll { $0.batch.end <= logs.count(from: $0.batch.origin) }
      unstoredCommits = unstoredCommits.filter { key, offset in offset > segment.commits[key] ?? -1 }
      if unstoredCommits.isEmpty { oldestCommit = nil }
    }
  }
}

// MARK: - Catching up

extension Kafka {
  /// Looks for news if there has been none for long.
  func refresh(on node: Node) {
    guard catchUpWaiters == nil, node.now - lastNews > Self.staleAfter else { return }
    catchUp(on: node) { [unowned self] in flushIfDue(on: $0) }
  }

  /// Reads the store to its end, then runs `then`.
  ///
  /// - Parameter known: How many of the next slots are known to be taken.
  func catchUp(known: Int = 0, on node: Node, then: @escaping (Node) -> Void) {
    guard catchUpWaiters == nil else {
      catchUpWaiters?.append(then)
      return
    }
    catchUpWaiters = [then]
    readAhead(min(known + 1, Self.widestRead), on: node)
  }

  /// Reads the next `count` slots at once, and twice as many if none of them is empty.
  private func readAhead(_ count: Int, on node: Node) {
    var (awaited, foundEnd, failed) = (count, false, false)
    for slot in logs.nextSlot..<(logs.nextSlot + count) {
      KeyValueStore.linearizable.read(Self.key(of: slot), attempts: .max, on: node) {
        [unowned self] result, node in
        switch result {
        case .success(let value?): if slot >= logs.nextSlot { ahead[slot] = Self.segment(value, slot: slot) }
        case .success(nil): foundEnd = true
        case .failure: failed = true
        }
        awaited -= 1
        guard awaited == 0 else { return }
        applyAhead(on: node)
        if failed {
          node.after(Self.retryInterval) { [unowned self] in readAhead(1, on: $0) }
        } else if foundEnd {
          finishCatchUp(on: node)
        } else {
          readAhead(min(count * 2, Self.widestRead), on: node)
        }
      }
    }
  }

  private func finishCatchUp(on node: Node) {
    lastNews = node.now
    watchGap(on: node)
    for waiter in catchUpWaiters.take() ?? [] { waiter(node) }
  }

  /// What a slot holds. Something that is no segment counts as an empty one, for everybody alike.
  private static func segment(_ value: RawJSON, slot: Int) -> KafkaSegment {
    var reader = value.reader
    let segment = try? KafkaSegment(reading: &reader)
    return segment?.slot == slot ? segment! : KafkaSegment(slot: slot, writer: 0, batches: [], commits: [:])
  }
}
