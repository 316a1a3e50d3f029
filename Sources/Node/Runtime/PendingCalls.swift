import Timing

/// The calls a node waits on, by the `msg_id` of their requests.
struct PendingCalls {
  typealias Completion = (Result<Message, RPCError>, Node) -> Void

  struct Call {
    let timer: TimerID
    let then: Completion
  }

  /// The `msg_id` of the next call. Unique on this node, from 1 on.
  private(set) var nextID: Int64 = 1
  private var calls: [Int64: Call] = [:]

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
