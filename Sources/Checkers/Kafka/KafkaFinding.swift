/// One anomaly in a history of kafka clients, with Jepsen's name.
///
/// Keys, records and operations are indices into the arrays of ``KafkaHistory``.
struct KafkaFinding {
  /// The kinds. One that may cause others comes before them: a message that is polled as another one is also
  /// missing at its offset.
  enum Kind: String, CaseIterable {
    /// A poll returned a message that no client sent. (Jepsen's analysis throws on such a history.)
    case unwrittenRead = "unwritten-read"
    /// An offset holds several messages.
    case inconsistentOffsets = "inconsistent-offsets"
    /// A message is at several offsets.
    case duplicate
    /// A message was acknowledged and never polled, but a later one was.
    case lostWrite = "lost-write"
    /// A message was polled although its send failed.
    case abortedRead = "G1a"
    /// An operation polled a message that it sent itself.
    case precommittedRead = "precommitted-read"
    /// A message was polled before it was sent.
    case prematureRead = "G1c-realtime"
    /// A process's poll skipped messages after its previous poll.
    case pollSkip = "poll-skip"
    /// A process's poll went back behind its previous poll.
    case nonmonotonicPoll = "nonmonotonic-poll"
    /// One operation skipped messages of a key.
    case internalPollSkip = "int-poll-skip"
    /// One operation polled a key out of order.
    case internalNonmonotonicPoll = "int-nonmonotonic-poll"
    /// A process's messages have another order in the log than it sent them.
    case nonmonotonicSend = "nonmonotonic-send"
    /// One operation's messages have another order in the log than it sent them.
    case internalNonmonotonicSend = "int-nonmonotonic-send"
    /// Another operation's message lies between two messages of one operation.
    case internalSendSkip = "int-send-skip"
    /// A message was acknowledged and never polled.
    case unseen

    /// Whether a valid history may have it. Sends of several clients may interleave; all other kinds are
    /// forbidden if clients are assigned their keys, as in Maelstrom.
    var isAllowed: Bool { self == .internalSendSkip }
  }

  var kind: Kind
  var key: Int
  /// The records concerned; for a pair the first and the second.
  var records: [Int]
  /// The operations that prove it, in the order that the kind's explanation expects.
  var operations: [Int]
  /// The offsets concerned: with several messages, of a duplicate message, or skipped, depending on the kind.
  var offsets: [Int] = []
  /// A rank among findings of the kind. Greater is worse.
  var severity = 0
}
