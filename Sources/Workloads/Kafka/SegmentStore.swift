import EddyNode
import EddyTiming

/// The segments in lin-kv: writes them, reads them, and delivers them in order, each once.
///
/// The node that writes the last of ``chunkLength`` segments stores a copy of all of them under one key: a
/// **chunk**, from which nodes that start read them at once. A chunk may be missing; the segments are authoritative.
final class SegmentStore {
  /// What has become of an attempt to write a segment.
  enum Outcome {
    case stored
    /// The slot is taken: by another segment, or by this one, if the request came twice.
    case taken
    /// It may have been stored, or may be stored later.
    case unknown
  }

  /// How many segments a chunk has.
  static let chunkLength = 64
  /// How many slots are read at once at most.
  private static let widestRead = 64
  /// From how many slots on a chunk is read first. Fewer slots are most often at the log's end.
  private static let leastChunkRead = 8
  /// How long a gap may stay open before it is read: messages overtake each other.
  private static let gapTimeout = Duration.milliseconds(200)
  private static let retryInterval = Duration.milliseconds(200)

  private let store = KeyValueStore.linearizable
  /// Called with each segment, slot by slot.
  var deliver: (KafkaSegment, Node) -> Void = { _, _ in }
  /// Called when segments have been delivered, and when reading has reached the end.
  var flushed: (Node) -> Void = { _ in }

  /// The first slot whose segment has not been delivered.
  private(set) var nextSlot = 0
  /// When this node last knew that it had delivered all segments.
  private(set) var lastUpToDate = Instant.zero
  /// Segments that came before an earlier slot's segment.
  private var ahead: [Int: KafkaSegment] = [:]
  private var gapTimer: TimerID?
  /// The segments delivered since the last whole chunk.
  private var unchunked: [KafkaSegment] = []
  /// The slot behind the last chunk that was read.
  private var chunksEnd = 0
  /// The chunk that was read last and does not exist.
  private var missingChunk = -1
  /// What to do when reading has reached the end; nil while nothing is being read.
  private(set) var waiters: [(Node) -> Void]?

  static func key(of slot: Int) -> String { "kafka/segment/\(slot)" }
  static func key(ofChunk chunk: Int) -> String { "kafka/chunk/\(chunk)" }

  /// Writes a segment to its slot, unless that is taken.
  func write(_ segment: KafkaSegment, on node: Node, then: @escaping (Outcome, Node) -> Void) {
    // No segment is null, so an existing one is never replaced.
    store.compareAndSet(
      Self.key(of: segment.slot), from: Int?.none, to: segment, createIfNotExists: true, on: node
    ) { result, node in
      switch result {
      case .success: then(.stored, node)
      case .failure(let error) where error.code == RPCError.preconditionFailed().code: then(.taken, node)
      case .failure: node.after(Self.retryInterval) { then(.unknown, $0) }
      }
    }
  }

  /// Takes a segment that is known to be stored; delivers it when all before it have been.
  func take(_ segment: KafkaSegment, on node: Node) {
    guard segment.slot >= nextSlot else { return }
    ahead[segment.slot] = segment
    deliverAhead(on: node)
    watchGap(on: node)
  }

  private func deliverAhead(on node: Node) {
    let first = nextSlot
    while let segment = ahead.removeValue(forKey: nextSlot) {
      nextSlot += 1
      addToChunk(segment, on: node)
      deliver(segment, node)
    }
    if nextSlot > first, !isCatchingUp { flushed(node) }
  }

  private func addToChunk(_ segment: KafkaSegment, on node: Node) {
    unchunked.append(segment)
    guard unchunked.count == Self.chunkLength else { return }
    defer { unchunked = [] }
    guard segment.writer == node.index, nextSlot > chunksEnd else { return }
    // Segments never change, so it is always the same that is written there.
    let chunk = Self.key(ofChunk: segment.slot / Self.chunkLength)
    store.write(chunk, unchunked, on: node) { _, _ in }
  }

  /// Reads what is missing before a segment, unless it comes within ``gapTimeout``.
  private func watchGap(on node: Node) {
    if ahead.isEmpty {
      lastUpToDate = node.now
      if let timer = gapTimer.take() { node.cancel(timer) }
    } else if gapTimer == nil {
      gapTimer = node.after(Self.gapTimeout) { [unowned self] node in
        gapTimer = nil
        catchUp(known: (ahead.keys.min() ?? nextSlot) - nextSlot, on: node)
      }
    }
  }
}

// MARK: - Catching up

extension SegmentStore {
  /// Whether slots are being read, so that what seems to be the end may not be it.
  var isCatchingUp: Bool { waiters != nil }

  /// Reads and delivers from the first unknown slot to the first empty one, then runs `then`.
  ///
  /// - Parameter known: How many of the next slots are known to be taken.
  func catchUp(known: Int = 0, on node: Node, then: ((Node) -> Void)? = nil) {
    // A caller without `then` adds no waiter: polls may go on for as long as the store does not answer.
    if let waiters {
      self.waiters = waiters + (then.map { [$0] } ?? [])
      return
    }
    waiters = then.map { [$0] } ?? []
    read(min(known, Self.widestRead - 1) + 1, on: node)
  }

  /// Reads the next `count` slots, or a whole chunk; and more after them, if none of them is empty.
  private func read(_ count: Int, on node: Node) {
    let chunk = nextSlot / Self.chunkLength
    guard count >= Self.leastChunkRead, chunk != missingChunk else { return readSlots(count, on: node) }
    store.read(Self.key(ofChunk: chunk), attempts: .max, on: node) { [unowned self] result, node in
      if case .success(let value?) = result, let segments = Self.segments(value, chunk: chunk) {
        chunksEnd = (chunk + 1) * Self.chunkLength
        for segment in segments where segment.slot >= nextSlot { ahead[segment.slot] = segment }
        deliverAhead(on: node)
      } else {
        missingChunk = chunk
      }
      read(count, on: node)
    }
  }

  /// Reads the next `count` slots at once; and twice as many after them, if none of them is empty.
  private func readSlots(_ count: Int, on node: Node) {
    var (awaited, foundEnd, failed) = (count, false, false)
    for slot in nextSlot..<(nextSlot + count) {
      store.read(Self.key(of: slot), attempts: .max, on: node) { [unowned self] result, node in
        switch result {
        case .success(let value?): if slot >= nextSlot { ahead[slot] = Self.segment(value, slot: slot) }
        case .success(nil): foundEnd = true
        case .failure: failed = true
        }
        awaited -= 1
        guard awaited == 0 else { return }
        deliverAhead(on: node)
        if failed {
          node.after(Self.retryInterval) { [unowned self] in read(1, on: $0) }
        } else if foundEnd {
          finish(on: node)
        } else {
          read(min(count * 2, Self.widestRead), on: node)
        }
      }
    }
  }

  private func finish(on node: Node) {
    lastUpToDate = node.now
    watchGap(on: node)
    for waiter in waiters.take() ?? [] { waiter(node) }
    flushed(node)
  }

  /// The segments of a chunk; nil if it is malformed.
  private static func segments(_ value: RawJSON, chunk: Int) -> [KafkaSegment]? {
    let segments = try? value.decoded(as: [KafkaSegment].self)
    let slots = (chunk * chunkLength)..<((chunk + 1) * chunkLength)
    return segments?.map(\.slot) == Array(slots) ? segments : nil
  }

  /// The segment of a slot. A malformed value counts as an empty segment, on every node alike.
  private static func segment(_ value: RawJSON, slot: Int) -> KafkaSegment {
    guard let segment = try? value.decoded(as: KafkaSegment.self), segment.slot == slot else {
      return KafkaSegment(slot: slot, writer: 0, batches: [], commits: [:])
    }
    return segment
  }
}
