import Node
import Timing

/// What nodes tell each other. Every message may carry news, acknowledge, and measure.
///
///     {"type": "gossip", "life": 81726, "at": 71200, "echo": [68100, 900], "route": [0, 1, 71000],
///      "parent": 0, "round": [7, 370000, 0], "promise": true,
///      "news": [[3, 81726, 4, 17, 19]], "have": [[5, 29181, 12]]}
///
/// Times are microseconds on the sender's clock, or durations of such.
struct GossipMessage: Equatable {
  static let type: StaticString = "gossip"

  /// A relay's beat, passed down the tree.
  struct Round: Equatable {
    /// Counts the rounds to this peer, so that it notices when it has missed one.
    var number: Int
    /// How long until the next round comes.
    var due: Duration
    /// How much earlier than for that an answer must be here to be passed up in time.
    var lead: Duration
    /// Whether the next comes in any case, with news or without.
    var isPromising = false
  }

  /// A stamp of the receiver's own, and for how long the sender has had it.
  struct Echo: Equatable {
    var stamp: Int64
    var held: Duration
  }

  /// How many entries of an origin the sender has.
  struct Count: Equatable {
    var origin: Origin
    var count: Int
  }

  /// The sender's incarnation.
  var life: Int
  /// The sender's clock, later in each message.
  var stamp: Int64
  var echo: Echo?
  /// The sender's parent; nil if it is the root.
  var parent: Int?
  var root: Int
  var depth: Int
  /// The root's stamp when the sender last heard of it.
  var rootStamp: Int64
  /// Present if the sender passes a round down.
  var round: Round?
  var news: [ReplicatedLog.Run] = []
  /// Acknowledgements; all that the sender has, if `isComplete`.
  var have: [Count] = []
  var isComplete = false
  /// True if the news are on their way along the tree, too: nobody has to acknowledge these.
  var isPush = false
  /// True if some of the news are late already, because somebody has lost its parent or found a new one.
  var isUrgent = false
  /// True if the sender wants an answer at once, with all that it lacks.
  var wantsAnswer = false
}

// MARK: - Wire

extension GossipMessage {
  /// Far more than counts and times come to, and so little that sums of them cannot overflow.
  private static let limit = 1 << 50

  /// Reads a message; nothing that it can hold makes a node trap.
  ///
  /// Throws ``RPCError/malformedRequest(_:)`` if the body is no gossip among so many nodes.
  init(_ message: Message, nodes: Int) throws(RPCError) {
    let places = 0..<nodes
    life = try message.integer("life")
    stamp = Int64(try message.integer("at", in: Self.times))
    parent = message.contains("parent") ? try message.integer("parent", in: places) : nil
    isComplete = message.contains("complete")
    wantsAnswer = message.contains("want")
    isPush = message.contains("push")
    isUrgent = message.contains("urgent")
    let route = try message.integers("route", in: [places, Self.counts, Self.times])
    (root, depth, rootStamp) = (route[0], route[1], Int64(route[2]))
    if message.contains("echo") {
      let numbers = try message.integers("echo", in: [Self.times, Self.times])
      echo = Echo(stamp: Int64(numbers[0]), held: .microseconds(numbers[1]))
    }
    if message.contains("round") {
      let numbers = try message.integers("round", in: [Self.counts, Self.times, Self.times])
      round = Round(
        number: numbers[0], due: .microseconds(numbers[1]), lead: .microseconds(numbers[2]),
        isPromising: message.contains("promise"))
    }
    if message.contains("news") {
      news = try message.array("news") { (reader) throws(JSONError) in try Self.readRun(&reader) }
      let areSound = news.allSatisfy { places.contains($0.origin.node) && Self.counts.contains($0.first) }
      guard areSound else { throw .malformedRequest("news of no node, or beyond all numbers") }
    }
    if message.contains("have") {
      have = try message.array("have") { (reader) throws(JSONError) in try Self.readCount(&reader) }
      let areSound = have.allSatisfy { places.contains($0.origin.node) && Self.counts.contains($0.count) }
      guard areSound else { throw .malformedRequest("counts of no node, or beyond all numbers") }
    }
  }

  private static let counts = 0..<limit
  private static let times = -limit..<limit

  private static func readRun(_ reader: inout JSONReader) throws(JSONError) -> ReplicatedLog.Run {
    try reader.beginArray()
    let numbers = try reader.readNextIntegers(3)
    var entries: [RawJSON] = []
    while try reader.nextElement() { entries.append(try reader.readRaw()) }
    return ReplicatedLog.Run(
      origin: Origin(node: numbers[0], incarnation: numbers[1]), first: numbers[2], entries: entries)
  }

  private static func readCount(_ reader: inout JSONReader) throws(JSONError) -> Count {
    try reader.beginArray()
    let numbers = try reader.readNextIntegers(3)
    while try reader.nextElement() { try reader.skip() }
    return Count(origin: Origin(node: numbers[0], incarnation: numbers[1]), count: numbers[2])
  }

  /// Writes all but the news, which the sender writes straight from its log.
  func write(to body: inout JSONWriter) {
    body.field("life", life)
    body.field("at", stamp)
    if let echo { body.field("echo", [Int(echo.stamp), echo.held.microseconds]) }
    if let parent { body.field("parent", parent) }
    body.field("route", [root, depth, Int(rootStamp)])
    if let round { body.field("round", [round.number, round.due.microseconds, round.lead.microseconds]) }
    if round?.isPromising == true { body.field("promise", true) }
    if !have.isEmpty {
      body.field("have") {
        $0.array { list in
          for entry in have { list.value([entry.origin.node, entry.origin.incarnation, entry.count]) }
        }
      }
    }
    if isComplete { body.field("complete", true) }
    if isPush { body.field("push", true) }
    if isUrgent { body.field("urgent", true) }
    if wantsAnswer { body.field("want", true) }
  }
}

extension Message {
  fileprivate func integer(_ field: String, in range: Range<Int>) throws(RPCError) -> Int {
    let number = try integer(field)
    guard range.contains(number) else {
      throw .malformedRequest("the field \"\(field)\" must be in \(range)")
    }
    return number
  }

  /// An array of integers, one for each range.
  fileprivate func integers(_ field: String, in ranges: [Range<Int>]) throws(RPCError) -> [Int] {
    let numbers = try array(field) { (reader) throws(JSONError) in try reader.readInt() }
    guard numbers.count == ranges.count, zip(ranges, numbers).allSatisfy({ $0.contains($1) }) else {
      throw .malformedRequest("the field \"\(field)\" must hold integers in \(ranges)")
    }
    return numbers
  }
}

extension JSONReader {
  /// The next `count` elements of an array, 0 for those that are not there.
  fileprivate mutating func readNextIntegers(_ count: Int) throws(JSONError) -> [Int] {
    var numbers: [Int] = []
    while numbers.count < count, try nextElement() { numbers.append(try readInt()) }
    while numbers.count < count { numbers.append(0) }
    return numbers
  }
}

extension Duration {
  fileprivate var microseconds: Int { Int(nanoseconds / 1000) }
}
