import EddyNode
import EddyTiming

/// What nodes tell each other. Every message may carry news, acknowledge, and measure.
///
///     {"type": "gossip", "incarnation": 81726, "to": 29181, "at": 71200, "echo": [68100, 900],
///      "route": [0, 1, 71000], "parent": 0, "round": [7, 370000, 0], "promise": true,
///      "news": [[3, 81726, 4, 17, 19]], "forgotten": [[3, 81726, 6, 2]], "have": [[5, 29181, 12]]}
///
/// Times are microseconds on the sender's clock, or durations of such. `news` has runs of entries behind
/// the origin and the first number, `forgotten` the same with a count instead of the entries.
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
    var stamp: Int
    var held: Duration
  }

  /// How many entries of an origin the sender has.
  struct Count: Equatable {
    var origin: Origin
    var count: Int
  }

  /// The sender's incarnation.
  var incarnation: Int
  /// The receiver's, as far as the sender knows. What it echoes, and what it takes the receiver to have, is
  /// of that one.
  var receiver: Int?
  /// The sender's clock, later in each message.
  var stamp: Int
  var echo: Echo?
  /// The sender's parent; nil if it is the root.
  var parent: Int?
  var root: Int
  var depth: Int
  /// The root's stamp when the sender last heard of it.
  var rootStamp: Int
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
  /// The tree that the sender was given; nil if it was given none.
  var tree: SpanningTree?
  /// True if the sender wants an answer at once, with all that it lacks.
  var wantsAnswer = false
}

// MARK: - Wire

extension GossipMessage {
  /// Far more than counts and times come to, and so little that sums of them cannot overflow.
  private static let limit = 1 << 50
  /// Incarnations that a node can have, and at least one after each.
  static let incarnations = 0..<(1 << 62)

  /// Reads a message; nothing that it can hold makes a node trap.
  ///
  /// Throws ``RPCError/malformedRequest(_:)`` if the body is no gossip among so many nodes.
  init(_ message: Message, nodes: Int) throws(RPCError) {
    let places = 0..<nodes
    incarnation = try message.integer("incarnation", in: Self.incarnations)
    receiver = message.contains("to") ? try message.integer("to", in: Self.incarnations) : nil
    stamp = Int(try message.integer("at", in: Self.times))
    parent = message.contains("parent") ? try message.integer("parent", in: places) : nil
    isComplete = message.contains("complete")
    wantsAnswer = message.contains("want")
    isPush = message.contains("push")
    isUrgent = message.contains("urgent")
    let route = try message.integers("route", in: [places, Self.counts, Self.times])
    (root, depth, rootStamp) = (route[0], route[1], Int(route[2]))
    if message.contains("echo") {
      let numbers = try message.integers("echo", in: [Self.times, Self.times])
      echo = Echo(stamp: Int(numbers[0]), held: .microseconds(numbers[1]))
    }
    if message.contains("round") {
      let numbers = try message.integers("round", in: [Self.counts, Self.times, Self.times])
      round = Round(
        number: numbers[0], due: .microseconds(numbers[1]), lead: .microseconds(numbers[2]),
        isPromising: message.contains("promise"))
    }
    if message.contains("news") {
      news = try message.array("news", of: Self.readRun)
    }
    if message.contains("forgotten") {
      news += try message.array("forgotten", of: Self.readForgotten)
      // One can stand between two runs of entries.
      news.sort {
        ($0.origin.node, $0.origin.incarnation, $0.first) < ($1.origin.node, $1.origin.incarnation, $1.first)
      }
    }
    if message.contains("have") {
      have = try message.array("have", of: Self.readCount)
    }
    let newsAreSound = news.allSatisfy { run in
      Self.isSound(run.origin, nodes) && Self.counts.contains(run.first)
        && Self.counts.contains(run.content.count)
    }
    let countsAreSound = have.allSatisfy { Self.isSound($0.origin, nodes) && Self.counts.contains($0.count) }
    guard newsAreSound, countsAreSound else {
      throw .malformedRequest("the fields \"news\" and \"have\" must name nodes and numbers in range")
    }
    if message.contains("tree") {
      let parents = try message.value("tree", as: [Int].self)
      tree = SpanningTree(parents: parents.map { $0 < 0 ? nil : $0 })
      guard parents.count == nodes, tree != nil else {
        throw .malformedRequest("the field \"tree\" must give each node's parent, and one root")
      }
    }
  }

  private static func isSound(_ origin: Origin, _ nodes: Int) -> Bool {
    (0..<nodes).contains(origin.node) && incarnations.contains(origin.incarnation)
  }

  private static let counts = 0..<limit
  private static let times = -limit..<limit

  private static func readRun(_ reader: inout JSONReader) throws(JSONError) -> ReplicatedLog.Run {
    try reader.beginArray()
    let numbers = try reader.readNextIntegers(3)
    var entries: [RawJSON] = []
    while try reader.nextElement() { entries.append(try reader.readRaw()) }
    return ReplicatedLog.Run(
      origin: Origin(node: numbers[0], incarnation: numbers[1]), first: numbers[2],
      content: .entries(entries))
  }

  private static func readForgotten(_ reader: inout JSONReader) throws(JSONError) -> ReplicatedLog.Run {
    try reader.beginArray()
    let numbers = try reader.readNextIntegers(4)
    while try reader.nextElement() { try reader.skip() }
    return ReplicatedLog.Run(
      origin: Origin(node: numbers[0], incarnation: numbers[1]), first: numbers[2],
      content: .forgotten(numbers[3]))
  }

  private static func readCount(_ reader: inout JSONReader) throws(JSONError) -> Count {
    try reader.beginArray()
    let numbers = try reader.readNextIntegers(3)
    while try reader.nextElement() { try reader.skip() }
    return Count(origin: Origin(node: numbers[0], incarnation: numbers[1]), count: numbers[2])
  }

  /// Writes the fields beside `type`.
  func write(to body: inout JSONWriter) {
    body.field("incarnation", incarnation)
    if let receiver { body.field("to", receiver) }
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
    if let tree { body.field("tree", tree.parents.map { $0 ?? -1 }) }
    for (name, isSet) in [
      ("complete", isComplete), ("push", isPush), ("urgent", isUrgent), ("want", wantsAnswer),
    ] as [(StaticString, Bool)] where isSet {
      body.field(name, true)
    }
    writeNews(to: &body)
  }

  private func writeNews(to body: inout JSONWriter) {
    let (forgotten, entries) = (news.filter(\.isForgotten), news.filter { !$0.isForgotten })
    for (name, runs) in [("news", entries), ("forgotten", forgotten)] as [(StaticString, [ReplicatedLog.Run])]
    where !runs.isEmpty {
      body.field(name) { $0.array { list in for run in runs { run.write(to: &list) } } }
    }
  }
}

extension ReplicatedLog.Run {
  fileprivate func write(to runs: inout JSONWriter) {
    runs.array { list in
      list.value(origin.node)
      list.value(origin.incarnation)
      list.value(first)
      switch content {
      case .entries(let entries): for entry in entries { list.value(entry) }
      case .forgotten(let count): list.value(count)
      }
    }
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
    let numbers = try value(field, as: [Int].self)
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
