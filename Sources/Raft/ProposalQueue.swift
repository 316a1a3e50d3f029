/// The commands of this node's clients that are not known to be executed.
///
/// A command gets its number when it first leaves the queue. Until then it can be withdrawn; from then on it
/// is sent until it is executed.
struct ProposalQueue {
  /// The number of the first command of this process.
  let session: Int
  /// Commands that have a number, from `firstNumber` on, with the host's tokens.
  private var numbered: [(token: Int, command: RaftCommand)] = []
  private var firstNumber: Int
  /// Commands that nobody has seen yet.
  private var waiting: [(token: Int, command: RaftCommand)] = []
  /// How many commands with a number are in this node's log, from the first on. They need no sending.
  private var loggedCount = 0
  private(set) var byteCount = 0

  init(session: Int) {
    self.session = session
    firstNumber = session
  }

  var isEmpty: Bool { numbered.isEmpty && waiting.isEmpty }

  /// Whether there are commands that are not in this node's log.
  var hasUnlogged: Bool { numbered.count > loggedCount || !waiting.isEmpty }

  mutating func add(_ command: RaftCommand, token: Int) {
    waiting.append((token, command))
    byteCount += command.count
  }

  /// Removes a command that nobody has seen. Returns false if it may be executed.
  mutating func withdraw(_ token: Int) -> Bool {
    guard let index = waiting.firstIndex(where: { $0.token == token }) else { return false }
    byteCount -= waiting.remove(at: index).command.count
    return true
  }

  /// The commands that are not in the log, numbered, of at most `limit` bytes; nil if there are none.
  mutating func batch(origin: Int, limit: Int) -> Batch? {
    var weight = numbered[loggedCount...].reduce(0) { $0 + $1.command.count }
    var taken = 0
    while taken < waiting.count, weight == 0 || weight + waiting[taken].command.count <= limit {
      weight += waiting[taken].command.count
      taken += 1
    }
    numbered.append(contentsOf: waiting.prefix(taken))
    waiting.removeFirst(taken)
    guard numbered.count > loggedCount else { return nil }
    return Batch(
      origin: origin, session: session, first: firstNumber + loggedCount,
      commands: numbered[loggedCount...].map(\.command))
  }

  /// Whether others may have a batch of this node: one of this process has left it before.
  func mayHaveSent(_ batch: Batch) -> Bool {
    batch.session != session || batch.last < firstNumber + numbered.count
  }

  /// Notes that this node's log holds a batch of its own.
  mutating func noteLogged(_ batch: Batch) {
    guard batch.session == session else { return }
    loggedCount = max(loggedCount, min(numbered.count, batch.last + 1 - firstNumber))
  }

  /// Notes that entries were removed from the log: commands may have to be sent again.
  mutating func forgetLogged() { loggedCount = 0 }

  /// Removes the commands up to a number: they were executed. Returns their tokens.
  mutating func complete(through number: Int) -> [Int] {
    let count = min(numbered.count, number + 1 - firstNumber)
    guard count > 0 else { return [] }
    let done = numbered.prefix(count)
    byteCount -= done.reduce(0) { $0 + $1.command.count }
    let tokens = done.map(\.token)
    numbered.removeFirst(count)
    firstNumber += count
    loggedCount = max(0, loggedCount - count)
    return tokens
  }
}
