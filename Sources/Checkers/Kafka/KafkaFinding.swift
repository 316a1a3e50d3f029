/// Something found in a history of kafka clients, under Jepsen's name for it.
///
/// Keys and records are numbers of ``KafkaHistory``, and so are steps.
struct KafkaFinding {
  /// What may be the cause of others comes before them: a message that is read back as another one is
  /// missed at its offset, too.
  enum Kind: String, CaseIterable {
    /// A message was polled that nobody ever sent. (On such a history Jepsen's analysis gives up.)
    case unwrittenRead = "unwritten-read"
    /// An offset holds several messages.
    case inconsistentOffsets = "inconsistent-offsets"
    /// A message is at several offsets.
    case duplicate
    /// A message was acknowledged, a later one was polled, this one never.
    case lostWrite = "lost-write"
    /// A message was polled although its send failed.
    case abortedRead = "G1a"
    /// A transaction polled what it sent itself.
    case precommittedRead = "precommitted-read"
    /// A message was polled before it was sent.
    case prematureRead = "G1c-realtime"
    /// A poll did not go on where its process's last one had ended, but later.
    case pollSkip = "poll-skip"
    /// A poll did not go on where its process's last one had ended, but earlier.
    case nonmonotonicPoll = "nonmonotonic-poll"
    /// One operation polled a key with a gap.
    case internalPollSkip = "int-poll-skip"
    /// One operation polled a key out of order.
    case internalNonmonotonicPoll = "int-nonmonotonic-poll"
    /// A process's messages are in another order than it sent them.
    case nonmonotonicSend = "nonmonotonic-send"
    /// One operation's messages are in another order than it sent them.
    case internalNonmonotonicSend = "int-nonmonotonic-send"
    /// Between two messages of one operation there is another's.
    case internalSendSkip = "int-send-skip"
    /// A message was acknowledged and never polled.
    case unseen

    /// Whether it may happen in a valid history. Sends of several clients interleave; all else is
    /// forbidden where clients are assigned their keys, as Maelstrom's are.
    var isAllowed: Bool { self == .internalSendSkip }
  }

  var kind: Kind
  var key: Int
  /// What it is about; for pairs the first and the second one.
  var records: [Int]
  /// The steps that show it, as each kind's explanation needs them.
  var steps: [Int]
  /// The offsets that it is about: where messages differ, where a message is, what was skipped.
  var offsets: [Int] = []
  /// The more, the worse it is among its kind.
  var severity = 0
}
