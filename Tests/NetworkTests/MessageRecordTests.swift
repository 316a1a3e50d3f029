import EddyHistory
import EddyNetwork
import EddyNode
import EddyTiming
import Testing

@Suite struct MessageRecordTests {
  private var network = Network(
    nodes: 2, latency: Latency(mean: 10), random: SeededGenerator(seed: 1))

  private static func at(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

  private mutating func send(_ line: String, at now: Instant) throws {
    network.send(Array(line.utf8), from: .node(0), to: .node(1), at: now)
  }

  private mutating func deliverAll(at now: Instant) {
    while network.deliver(at: now) != nil {}
  }

  private var records: [MessageRecord] { Array(network.journal.records(since: Self.at(100))) }

  private static let hello = #"{"src":"n0","dest":"n1","body":{"type":"hello"}}"#

  @Test mutating func aDeliveryIsRecordedWithBothTimes() throws {
    try send(Self.hello, at: Self.at(95))
    deliverAll(at: Self.at(105))
    let record = try #require(records.first)
    #expect(record.sent == Instant(nanoseconds: -5_000_000), "before operations began")
    #expect(record.received == [Self.at(5)])
    #expect(record.dropped.isEmpty)
    #expect((record.source, record.destination, record.type) == ("n0", "n1", "hello"))
    #expect(record.line == Array(Self.hello.utf8))
  }

  @Test mutating func aMessageUnderWayIsNeitherReceivedNorDropped() throws {
    try send(Self.hello, at: Self.at(100))
    #expect(records[0].received.isEmpty)
    #expect(records[0].dropped.isEmpty)
  }

  @Test mutating func aDuplicateIsReceivedTwice() throws {
    network.duplication = 1
    try send(Self.hello, at: Self.at(100))
    deliverAll(at: Self.at(110))
    #expect(records[0].received == [Self.at(10), Self.at(10)])
  }

  @Test mutating func aDropIsRecordedWithItsReason() throws {
    network.loss = 1
    try send(Self.hello, at: Self.at(100))
    network.loss = 0
    network.partition = Partition(components: [[0], [1]], nodes: 2)
    try send(Self.hello, at: Self.at(101))
    deliverAll(at: Self.at(111))
    #expect(records.map { $0.dropped.map(\.fate) } == [[.loss], [.partition]])
    #expect(records.map { $0.dropped.map(\.time) } == [[Self.at(0)], [Self.at(11)]])
    #expect(!records.contains { !$0.received.isEmpty })
  }

  @Test mutating func recordsReadBackAsTheyWereWritten() throws {
    network.duplication = 0.5
    network.loss = 0.2
    for step in 0..<200 {
      network.partition = Partition(components: step % 3 == 0 ? [[0], [1]] : [[0, 1]], nodes: 2)
      // Spaces and escapes are kept.
      try send(
        #"{"src":"n0", "dest":"n1","body":{"type":"hello","n":\#(step),"text":"\u0041"}}"#, at: Self.at(step))
      deliverAll(at: Self.at(step))
    }
    var writer = JSONWriter()
    for record in records {
      writer.removeAll()
      writer.value(record)
      #expect(try MessageRecord(parsing: writer.bytes) == record)
    }
    #expect(records.count == 200)
    #expect(Set(records.flatMap(\.dropped).map(\.fate)) == [.loss, .partition])
    #expect(records.contains { $0.received.count == 2 })
  }

  @Test(arguments: [
    "", "{}", #"{"id":1,"sent":2,"received":[3]}"#,
    #"{"id":1,"sent":2,"received":[3],"message":{"src":"a"}}"#,
    #"{"id":1,"sent":2,"received":[3],"dropped":[4],"message":{"src":"a","dest":"b","body":{"type":"t"}}}"#,
  ])
  func whatIsNoRecordIsAnError(line: String) {
    #expect(throws: (any Error).self) { try MessageRecord(parsing: Array(line.utf8)) }
  }
}
