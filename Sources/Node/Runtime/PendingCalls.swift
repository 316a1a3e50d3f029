import EddyTiming

/// The calls a node waits on, by the `msg_id` of their requests.
struct PendingCalls {
  typealias Completion = (Result<Message, RPCError>, Node) -> Void

  struct Call {
    let timer: TimerID
    let then: Completion
  }

  /// The `msg_id` of the next call. Unique in this life of the node, and in all likelihood among all.
  private(set) var nextID: Int64
  private var calls: [Int64: Call] = [:]

  /// - Parameter seed: The node's. Ids start at a number of up to 31 bits that follows from it: a node
  ///   that was killed comes back under its name, and a reply to a call of its earlier life may still be
  ///   under way. Taken for the reply to a new call it could say that something is stored which is not.
  init(seed: UInt64) {
    var random = SeededGenerator(seed: ~seed)
    nextID = Int64(1 + random.below(1 << 31))
  }

  mutating func add(timer: TimerID, _ then: @escaping Completion) {
    calls[nextID] = Call(timer: timer, then: then)
    nextID += 1
  }

  /// Forgets a call before its closure runs, so that the closure may call again and a second
  /// reply finds nothing.
  mutating func remove(_ id: Int64) -> Call? { calls.removeValue(forKey: id) }
}

/// What a node's timer does when it is due.
enum TimerAction {
  case once((Node) -> Void)
  case repeating(Duration, (Node) -> Void)
  case callTimeout(Int64)
}
