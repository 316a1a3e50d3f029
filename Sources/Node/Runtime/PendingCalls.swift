import EddyTiming

/// The calls that a node awaits, by the `msg_id` of their requests.
struct PendingCalls {
  typealias Completion = (Result<Message, RPCError>, Node) -> Void

  struct Call {
    let timer: TimerID
    let then: Completion
  }

  /// The `msg_id` of the next call. Unique within this incarnation of the node, and very likely among all of
  /// its incarnations.
  private(set) var nextID: Int
  private var calls: [Int: Call] = [:]

  /// - Parameter seed: The node's seed. Ids start at a number of up to 31 bits that follows from it. A node
  ///   that was killed restarts under its name, while replies to the calls of its earlier incarnation may
  ///   still be in transit. Such a reply, taken for the reply to a new call, could confirm a write that has
  ///   not happened.
  init(seed: UInt64) {
    var random = SeededGenerator(seed: ~seed)
    nextID = 1 + random.below(1 << 31)
  }

  mutating func add(timer: TimerID, _ then: @escaping Completion) {
    calls[nextID] = Call(timer: timer, then: then)
    nextID += 1
  }

  /// Removes a call, before its closure runs: the closure may call again, and a second reply is ignored.
  mutating func remove(_ id: Int) -> Call? { calls.removeValue(forKey: id) }
}

/// What a node does when a timer is due.
enum TimerAction {
  case once((Node) -> Void)
  case repeating(Duration, (Node) -> Void)
  case callTimeout(Int)
}
