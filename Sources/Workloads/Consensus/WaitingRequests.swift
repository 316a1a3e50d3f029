import EddyNode
import EddyTiming

/// The clients' requests that are not answered, by their tokens.
struct WaitingRequests<Command> {
  struct Request {
    var message: Message
    var client: String
    var command: Command
    /// What a read waits for; nil for a command that was proposed.
    var read: ReadCondition?
  }

  enum ReadCondition {
    /// The leader's word, by the number of the read request.
    case confirmation(Int)
    /// That the entry at this index is applied: it may change what is read.
    case index(Int)
  }

  private var requests: [Int: Request] = [:]
  /// The tokens of reads, in the order in which they came.
  private var reads: [Int] = []
  /// Tokens with the instants at which patience ends, in order. Some may be answered.
  private var deadlines: [(deadline: Instant, token: Int)] = []
  private var lastToken = 0
  /// How many requests of each client wait.
  private var counts: [String: Int] = [:]

  /// When the next request's patience ends; nil if none waits.
  private(set) var nextDeadline: Instant?

  func isWaiting(_ client: String) -> Bool { counts[client] != nil }

  /// Adds a request, and returns its token.
  mutating func add(_ request: Request, until deadline: Instant) -> Int {
    lastToken += 1
    requests[lastToken] = request
    if request.read != nil { reads.append(lastToken) }
    counts[request.client, default: 0] += 1
    deadlines.append((deadline, lastToken))
    nextDeadline = nextDeadline ?? deadline
    return lastToken
  }

  mutating func remove(_ token: Int) -> Request? {
    guard let request = requests.removeValue(forKey: token) else { return nil }
    let count = counts[request.client]! - 1
    counts[request.client] = count > 0 ? count : nil
    return request
  }

  /// Removes the reads that satisfy `condition`, and returns them in their order.
  mutating func removeReads(where condition: (ReadCondition) -> Bool) -> [Request] {
    guard !reads.isEmpty else { return [] }
    let tokens = reads.filter { token in requests[token]?.read.map(condition) ?? false }
    let ready = tokens.compactMap { remove($0) }
    reads.removeAll { requests[$0] == nil }
    return ready
  }

  /// Whether a command waits that satisfies `condition`. O(requests).
  func hasCommand(where condition: (Command) -> Bool) -> Bool {
    // Any order: only whether there is one.
    requests.values.contains { $0.read == nil && condition($0.command) }
  }

  subscript(token: Int) -> Request? { requests[token] }

  /// Makes a request's patience end at `deadline`, which is not before that of any other.
  mutating func postpone(_ token: Int, to deadline: Instant) {
    deadlines.append((deadline, token))
    nextDeadline = nextDeadline ?? deadline
  }

  /// The tokens of requests whose patience has ended, each once.
  mutating func takeImpatient(at now: Instant) -> [Int] {
    let due = deadlines.prefix { $0.deadline <= now || requests[$0.token] == nil }
    deadlines.removeFirst(due.count)
    nextDeadline = deadlines.first?.deadline
    return due.map(\.token).filter { requests[$0] != nil }
  }
}
