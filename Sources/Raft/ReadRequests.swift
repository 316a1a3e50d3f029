/// The reads of this node that wait for the leader's word. They are numbered, and confirmed in order.
struct ReadRequests {
  /// The number of the last request. As those of commands, numbers are greater than any of an earlier process.
  private(set) var last: Int
  /// The greatest number that is served.
  private var served: Int
  /// Requests that are served once an index is applied: the greatest number, with the index.
  private var confirmed: [(number: Int, index: Int)] = []

  init(session: Int) {
    last = session
    served = session
  }

  /// Whether requests wait that are not confirmed.
  var isWaiting: Bool { last > max(served, confirmed.last?.number ?? 0) }

  /// The number to ask the leader for; 0 if nothing waits.
  var wanted: Int { isWaiting ? last : 0 }

  mutating func request() -> Int {
    last += 1
    return last
  }

  /// Notes that requests up to `number` may be served once `index` is applied.
  mutating func confirm(_ number: Int, index: Int) {
    guard number > max(served, confirmed.last?.number ?? 0), number <= last else { return }
    confirmed.append((number, index))
  }

  /// The requests that can be served now that all up to `commit` is applied: the greatest number; nil if none.
  mutating func serve(commit: Int) -> Int? {
    let ready = confirmed.prefix { $0.index <= commit }
    guard let number = ready.last?.number else { return nil }
    confirmed.removeFirst(ready.count)
    served = number
    return number
  }
}
