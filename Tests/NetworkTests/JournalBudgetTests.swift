import EddyNode
import EddyTiming
import Testing

@testable import EddyNetwork

@Suite struct JournalBudgetTests {
  private static func at(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

  private static func envelope(_ id: Int) -> Network.Envelope {
    let line = #"{"src":"n\#(id % 3)","dest":"n\#((id + 1) % 3)","body":{"type":"gossip","n":\#(id)}}"#
    return Network.Envelope(
      id: id, line: Array(line.utf8), source: .node(id % 3), destination: .node((id + 1) % 3))
  }

  /// A journal of so many messages, each of which is received when the next but nine is sent.
  private func journal(_ count: Int, budget: Journal.Budget, delay: Int = 10) -> Journal {
    var journal = Journal(budget: budget)
    for step in 0..<count + delay {
      if step < count { journal.sent(Self.envelope(step), at: Self.at(step)) }
      if step >= delay { journal.received(Self.envelope(step - delay), at: Self.at(step)) }
    }
    return journal
  }

  @Test func aRunWithinTheBudgetIsKeptWhole() {
    let journal = journal(100, budget: .init(messages: 200))
    #expect(journal.messages.map(\.id) == Array(0..<100))
    #expect(journal.events.count == 200)
    #expect(journal.omitted.count == 0)
    #expect(journal.omission(nodes: ["n0", "n1", "n2"], operations: 1) == nil)
  }

  @Test(arguments: [0, 1, 7, 39, 40, 41, 80, 99, 100, 101, 1000, 5003], [1, 10, 45])
  func ofAnyRunTheFirstAndTheLastMessagesAreKeptAndTheOthersCounted(count: Int, delay: Int) {
    let journal = journal(count, budget: .init(messages: 80), delay: delay)
    let ids = journal.messages.map(\.id)
    #expect(ids.count <= 80)
    #expect(ids.count + journal.omitted.count == count)
    #expect(journal.messageCount == count)
    let head = ids.prefix(40)
    #expect(Array(head) == Array(0..<min(40, count)))
    // Without a gap but one.
    #expect(Array(ids.dropFirst(head.count)) == Array((count - ids.count + head.count)..<count))
    #expect(journal.omitted.kinds.reduce(0) { $0 + $1.count } == journal.omitted.count)
  }

  @Test(arguments: [30, 100, 1000], [1, 10, 45])
  func whatBecameOfEachMessageThatIsKeptIsKnown(count: Int, delay: Int) {
    let journal = journal(count, budget: .init(messages: 80), delay: delay)
    let records = Array(journal.records(since: .zero))
    for record in records {
      #expect(record.sent == Self.at(record.id))
      #expect(record.received == [Self.at(record.id + delay)])
      #expect(
        record.line
          == Array(
            #"{"src":"\#(record.source)","dest":"\#(record.destination)","body":{"type":"gossip","n":\#(record.id)}}"#
              .utf8))
    }
    let times = journal.events.map(\.time)
    #expect(times == times.sorted())
  }

  @Test func whoSentTheLastMessagesIsKnownOfAStreamedJournalToo() {
    var journal = Journal(isStreamed: true)
    for id in 0..<5000 {
      journal.sent(Self.envelope(id), at: Self.at(id))
      journal.received(Self.envelope(id), at: Self.at(id))
      _ = journal.takeRecords(since: .zero)
    }
    #expect(journal.last(900).kinds.map(\.count) == [300, 300, 300])
  }

  /// What is streamed, what is left at the end, and what is in memory.
  @Test(arguments: [1, 30, 41, 100, 1000], [1, 10, 45])
  func aStreamedJournalHandsOutEachOfTheFirstMessagesOnce(count: Int, delay: Int) {
    var journal = Journal(budget: .init(messages: 80), isStreamed: true)
    var taken: [MessageRecord] = []
    for step in 0..<count + delay {
      if step < count { journal.sent(Self.envelope(step), copies: 2, at: Self.at(step)) }
      if step >= delay { journal.received(Self.envelope(step - delay), at: Self.at(step)) }
      // The second copies arrive with the first, but for the last messages', which are under way at the end.
      if step >= delay, step < count { journal.received(Self.envelope(step - delay), at: Self.at(step)) }
      taken += journal.takeRecords(since: Self.at(5))
      #expect(journal.messages.count <= 40)
    }
    taken += journal.records(since: Self.at(5))
    let whole = self.journal(count, budget: .init(messages: 80), delay: delay)
    #expect(taken.map(\.id).sorted() == whole.messages.map(\.id))
    for record in taken {
      let copies = record.id + delay < count ? 2 : 1
      #expect(record.sent == Self.at(record.id - 5))
      #expect(record.received == Array(repeating: Self.at(record.id + delay - 5), count: copies))
      #expect(record.line == Self.envelope(record.id).line)
    }
  }

  @Test func bytesCountToo() {
    let journal = journal(1000, budget: .init(messages: 1000, bytes: 8000))
    let bytes = journal.messages.reduce(0) { $0 + $1.line.count }
    #expect((4000...8200).contains(bytes))
    #expect(journal.omitted.count > 500)
  }

  @Test func whatIsNewIsToldEvenWhenMuchIsLeftOut() {
    var journal = Journal(budget: .init(messages: 80), keepsRecentEvents: true)
    for id in 0..<1000 {
      let line = Array(#"{"src":"n0","dest":"n1","body":{"type":"gossip","n":\#(id)}}"#.utf8)
      journal.sent(.init(id: id, line: line, source: .node(0), destination: .node(1)), at: Self.at(id))
      let new = journal.takeRecentEvents()
      #expect(new.map(\.event.message) == [id])
      #expect(new.map(\.line) == [line])
    }
  }

  @Test func whoeverSentMostOfWhatIsLeftOutIsNamed() throws {
    var journal = Journal(budget: .init(messages: 80))
    for id in 0..<1000 {
      let sender = id % 10 == 0 ? 1 : 0
      let line = Array(#"{"src":"n\#(sender)","dest":"n2","body":{"type":"gossip"}}"#.utf8)
      journal.sent(.init(id: id, line: line, source: .node(sender), destination: .node(2)), at: Self.at(id))
    }
    let sentence = try #require(journal.omission(nodes: ["n0", "n1", "n2"], operations: 4))
    let omitted = journal.omitted.count
    let worst = journal.omitted.kinds[0].count
    #expect(
      sentence == """
        The nodes sent 1,000 messages for 4 operations: n0 sent 900 (225 per operation), n1 sent 100 (25 per \
        operation). A run keeps at most 80 messages or 256 MiB of them, so that memory and files stay bounded. \
        Of 1,000 messages, those of clients and services included, the first and the last are kept, \
        \(1000 - omitted) in all. \(omitted) are left out: of these n0 sent \(worst), all of them "gossip" to n2. \
        The counts in the results are exact.
        """)
  }

  @Test func namesThatANodeInventsDoNotFillMemory() {
    var omitted = MessageTally()
    for id in 0..<5000 {
      let line = Array(#"{"src":"n0","dest":"n1","body":{"type":"t\#(id)"}}"#.utf8)
      omitted.add(Message(validated: line))
    }
    #expect(omitted.count == 5000)
    #expect(omitted.kinds.count == 1001)
  }
}
