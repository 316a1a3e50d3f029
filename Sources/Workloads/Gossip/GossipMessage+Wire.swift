import EddyNode
import EddyTiming

extension GossipMessage {
  /// Far more than counts and times come to, and so little that sums of them cannot overflow.
  private static let limit = 1 << 50
  private static let counts = 0..<limit
  private static let times = -limit..<limit
  /// The incarnations that a node can have. Each has a next one.
  static let incarnations = 0..<(1 << 62)
}

// MARK: - Reading

extension GossipMessage {
  /// Reads a message; nothing that it can hold makes a node trap.
  ///
  /// Throws ``RPCError/malformedRequest(_:)`` if the body is no gossip among so many nodes.
  init(_ message: Message, nodes: Int) throws(RPCError) {
    let indices = 0..<nodes
    incarnation = try message.integer("incarnation", in: Self.incarnations)
    receiver = message.contains("to") ? try message.integer("to", in: Self.incarnations) : nil
    stamp = Timestamp(microseconds: try message.integer("at", in: Self.times))
    parent = message.contains("parent") ? try message.integer("parent", in: indices) : nil
    if message.contains("complete") { flags.insert(.complete) }
    if message.contains("push") { flags.insert(.push) }
    if message.contains("urgent") { flags.insert(.urgent) }
    if message.contains("reply") { flags.insert(.replyRequested) }
    let numbers = try message.integers("route", in: [indices, Self.counts, Self.times])
    route = RootRoute(
      root: numbers[0], depth: numbers[1], rootStamp: Timestamp(microseconds: numbers[2]))
    if message.contains("echo") {
      let numbers = try message.integers("echo", in: [Self.times, Self.times])
      echo = Echo(stamp: Timestamp(microseconds: numbers[0]), held: .microseconds(numbers[1]))
    }
    if message.contains("round") {
      let numbers = try message.integers("round", in: [Self.counts, Self.times, Self.times])
      round = Round(
        number: numbers[0], due: .microseconds(numbers[1]), batchOffset: .microseconds(numbers[2]),
        isKeepalivePromised: message.contains("keepalive"))
    }
    try readEntries(of: message, nodes: nodes)
    try readTree(of: message, nodes: nodes)
  }

  private mutating func readEntries(of message: Message, nodes: Int) throws(RPCError) {
    if message.contains("entries") {
      entries = try message.array("entries", of: Self.readRun)
    }
    if message.contains("forgotten") {
      entries += try message.array("forgotten", of: Self.readForgotten)
      // One can stand between two runs of entries.
      entries.sort {
        ($0.origin.node, $0.origin.incarnation, $0.first) < ($1.origin.node, $1.origin.incarnation, $1.first)
      }
    }
    if message.contains("acks") {
      acknowledgements = try message.array("acks", of: Self.readAcknowledgement)
    }
    let areEntriesSound = entries.allSatisfy { run in
      Self.isSound(run.origin, nodes) && Self.counts.contains(run.first)
        && Self.counts.contains(run.content.count)
    }
    let areCountsSound = acknowledgements.allSatisfy {
      Self.isSound($0.origin, nodes) && Self.counts.contains($0.count)
    }
    guard areEntriesSound, areCountsSound else {
      throw .malformedRequest("the fields \"entries\" and \"acks\" must name nodes and numbers in range")
    }
  }

  private mutating func readTree(of message: Message, nodes: Int) throws(RPCError) {
    guard message.contains("tree") else { return }
    let parents = try message.value("tree", as: [Int].self)
    tree = SpanningTree(parents: parents.map { $0 < 0 ? nil : $0 })
    guard parents.count == nodes, tree != nil else {
      throw .malformedRequest("the field \"tree\" must give each node's parent, and one root")
    }
  }

  private static func isSound(_ origin: Origin, _ nodes: Int) -> Bool {
    (0..<nodes).contains(origin.node) && incarnations.contains(origin.incarnation)
  }

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

  private static func readAcknowledgement(_ reader: inout JSONReader) throws(JSONError) -> Acknowledgement {
    try reader.beginArray()
    let numbers = try reader.readNextIntegers(3)
    while try reader.nextElement() { try reader.skip() }
    return Acknowledgement(origin: Origin(node: numbers[0], incarnation: numbers[1]), count: numbers[2])
  }
}

// MARK: - Writing

extension GossipMessage {
  /// Writes the fields beside `type`.
  func write(to body: inout JSONWriter) {
    body.field("incarnation", incarnation)
    if let receiver { body.field("to", receiver) }
    body.field("at", stamp.microseconds)
    if let echo { body.field("echo", [echo.stamp.microseconds, echo.held.microseconds]) }
    if let parent { body.field("parent", parent) }
    body.field("route", [route.root, route.depth, route.rootStamp.microseconds])
    if let round {
      body.field("round", [round.number, round.due.microseconds, round.batchOffset.microseconds])
      if round.isKeepalivePromised { body.field("keepalive", true) }
    }
    if !acknowledgements.isEmpty {
      body.field("acks") {
        $0.array { list in
          for entry in acknowledgements {
            list.value([entry.origin.node, entry.origin.incarnation, entry.count])
          }
        }
      }
    }
    if let tree { body.field("tree", tree.parents.map { $0 ?? -1 }) }
    if flags.contains(.complete) { body.field("complete", true) }
    if flags.contains(.push) { body.field("push", true) }
    if flags.contains(.urgent) { body.field("urgent", true) }
    if flags.contains(.replyRequested) { body.field("reply", true) }
    write(entries.filter { !$0.isForgotten }, "entries", to: &body)
    write(entries.filter(\.isForgotten), "forgotten", to: &body)
  }

  private func write(_ runs: [ReplicatedLog.Run], _ field: StaticString, to body: inout JSONWriter) {
    guard !runs.isEmpty else { return }
    body.field(field) { $0.array { list in for run in runs { run.write(to: &list) } } }
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
  fileprivate var microseconds: Int { nanoseconds / 1000 }
}
