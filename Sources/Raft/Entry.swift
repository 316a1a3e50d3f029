/// A command of the replicated state machine, in an encoding that the user of this module chooses.
public typealias RaftCommand = [UInt8]

/// A place in the log: an index, from 1, and the term of the leader that wrote the entry there.
///
/// Positions are ordered as Raft orders logs by their last entry: by term, then by index (section 5.4.1 of
/// the Raft paper).
public struct Position: Comparable, Hashable, Sendable, CustomStringConvertible {
  public var term: Int
  public var index: Int

  public init(term: Int, index: Int) {
    self.term = term
    self.index = index
  }

  /// Before the first entry.
  public static let zero = Position(term: 0, index: 0)

  /// The term and the index, such as `2/17`.
  public var description: String { "\(term)/\(index)" }

  public static func < (a: Position, b: Position) -> Bool { (a.term, a.index) < (b.term, b.index) }
}

/// Consecutive commands of one node.
///
/// A node numbers its commands. The numbers of a process follow each other from ``session`` on, and a process
/// that is started later begins with a greater number. One number per node therefore tells which of its
/// commands are in the log: a retry is executed once.
public struct Batch: Hashable, Sendable {
  /// The node whose clients gave the commands.
  public var origin: Int
  /// The number of the first command of the process that gave the commands.
  public var session: Int
  /// The number of the first command of this batch.
  public var first: Int
  public var commands: [RaftCommand]

  public init(origin: Int, session: Int, first: Int, commands: [RaftCommand]) {
    self.origin = origin
    self.session = session
    self.first = first
    self.commands = commands
  }

  /// The number of the last command.
  var last: Int { first + commands.count - 1 }

  var byteCount: Int { commands.reduce(0) { $0 + $1.count } }
}

/// An entry of the log: a batch of commands, or none for the entry with which a leader begins its term.
public struct Entry: Hashable, Sendable {
  public var term: Int
  public var batch: Batch?

  public init(term: Int, batch: Batch? = nil) {
    self.term = term
    self.batch = batch
  }

  /// What an entry weighs against the limits of messages and of the log, in bytes.
  var byteCount: Int { (batch?.byteCount ?? 0) + 16 }
}

/// The state machine's state after the entry at ``position``, in place of the log up to there.
public struct Snapshot: Hashable, Sendable {
  public var position: Position
  /// For each node the number of its last command that was executed.
  public var sessions: [Int]
  /// The state, as the user of this module has encoded it.
  public var data: [UInt8]

  public init(position: Position, sessions: [Int], data: [UInt8]) {
    self.position = position
    self.sessions = sessions
    self.data = data
  }
}
