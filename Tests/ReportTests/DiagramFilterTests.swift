import EddyHistory
import EddyNetwork
import EddyReport
import EddyTiming
import HistoryScripts
import Testing

struct DiagramFilterTests {
  /// n0 tells n1 and n1 tells n2; n3 talks to n2 only afterwards, and n2 to n3 at last.
  private let chain = Recording(
    nodes: ["n0", "n1", "n2", "n3"], [op("read", 30...50, on: "n2"), op("write", "1", 0...4, on: "n0")],
    [
      message("c1", "n0", "write", 0, 1),
      message("n0", "c1", "write_ok", 2, 4),
      message("n0", "n1", "gossip", 5, 10),
      message("n1", "n2", "gossip", 15, 20),
      message("c0", "n2", "read", 30, 35),
      message("n3", "n1", "ping", 31, 33),
      message("n2", "c0", "read_ok", 40, 50),
      message("n3", "n2", "ping", 45, 55),
      message("n2", "n3", "pong", 60, 70),
      lost("n1", "n3", "gossip", 12, at: 22, .loss),
    ].sorted { $0.sent < $1.sent })

  private func names(_ filter: DiagramFilter) throws -> Set<String> {
    Set(try parse(xml: LamportDiagram(chain, filter: filter).svg).messageNames)
  }

  /// The entry of the history at which the read was invoked.
  private func read() throws -> Int {
    try #require(chain.history.operations.first { $0.function == "read" }).index
  }

  private func write() throws -> Int {
    try #require(chain.history.operations.first { $0.function == "write" }).index
  }

  @Test func aroundAnOperationIsItsCausalPastAndFuture() throws {
    #expect(
      try names(DiagramFilter(around: [read()])) == [
        // The past, with what was lost in it.
        "write  c1 → n0", "gossip  n0 → n1", "gossip  n1 → n2", "gossip  n1 → n3", "read  c0 → n2",
        "read_ok  n2 → c0",
        // The future.
        "pong  n2 → n3",
      ])
    // What n3 told n1 and n2 came too late to matter; the write's reply mattered to nobody else.
    #expect(
      LamportDiagram(chain, filter: DiagramFilter(around: [try read()])).omissions.map(\.count).contains(3))
  }

  @Test func aroundACompletionIsAroundItsOperation() throws {
    let read = try read()
    let completion = try #require(chain.history.completion(of: chain.history.operations[read])).index
    #expect(try names(DiagramFilter(around: [read])) == names(DiagramFilter(around: [completion])))
  }

  @Test func theFutureOfAWriteHasWhatItBroughtAbout() throws {
    let names = try names(DiagramFilter(around: [write()]))
    #expect(
      names.isSuperset(of: ["write_ok  n0 → c1", "gossip  n0 → n1", "gossip  n1 → n2", "pong  n2 → n3"]))
    #expect(names.isDisjoint(with: ["ping  n3 → n1", "ping  n3 → n2", "read  c0 → n2"]))
  }

  @Test func timesNarrowToWhatIsUnderWayBetweenThem() throws {
    #expect(
      try names(DiagramFilter(from: 51.ms)) == ["ping  n3 → n2", "pong  n2 → n3"])
    #expect(try names(DiagramFilter(to: 4.ms)) == ["write  c1 → n0", "write_ok  n0 → c1"])
    #expect(try names(DiagramFilter(from: 23.ms, to: 29.ms)).isEmpty)
  }

  @Test func nodesNarrowToThemAndTheirClients() throws {
    #expect(
      try names(DiagramFilter(nodes: ["n2", "n3"])) == [
        "read  c0 → n2", "read_ok  n2 → c0", "ping  n3 → n2", "pong  n2 → n3",
      ])
  }

  @Test func typesNarrowToMessagesOfThem() throws {
    #expect(
      try names(DiagramFilter(types: ["gossip"])) == [
        "gossip  n0 → n1", "gossip  n1 → n3", "gossip  n1 → n2",
      ])
  }

  @Test func aLimitKeepsTheFirstMessages() throws {
    let diagram = LamportDiagram(chain, filter: DiagramFilter(limit: 2))
    #expect(diagram.messageCount == 2)
    #expect(try names(DiagramFilter(limit: 2)) == ["write  c1 → n0", "write_ok  n0 → c1"])
    #expect(
      "\(try #require(diagram.omissions.first))"
        == "8 messages sent from 0.005 s on, because at most 2 are drawn")
  }

  @Test func aLimitRoundAnOperationKeepsWhatIsNearest() throws {
    #expect(
      try names(DiagramFilter(around: [read()], limit: 3)).isSuperset(of: [
        "read_ok  n2 → c0", "pong  n2 → n3",
      ]))
  }

  @Test func whatANodeIsToldAtAnInstantComesBeforeWhatItThenSays() throws {
    let instant = Recording(
      nodes: ["n0", "n1"], [op("read", 10...10)],
      [
        message("n1", "n0", "news", 5, 10), message("c0", "n0", "read", 10, 10),
        message("n0", "c0", "read_ok", 10, 10),
      ])
    let svg = try parse(xml: LamportDiagram(instant, filter: DiagramFilter(around: [0])).svg)
    #expect(svg.messageNames == ["news  n1 → n0", "read  c0 → n0", "read_ok  n0 → c0"])
  }

  /// Whatever the filter, what is drawn and what is said to be left out are all there is.
  @Test func nothingIsLeftOutInSilence() throws {
    let recording = Recording.broadcast().recording
    let invocations = recording.history.operations.filter { $0.kind == .invoke }
    for around in [[], [invocations[0].index], [invocations[20].index, invocations[40].index]] {
      for from in [nil, 2000.ms] {
        for nodes in [[], ["n0", "n1"]] {
          for types in [[], ["gossip"]] {
            for limit in [3, 100, 100_000] {
              let filter = DiagramFilter(
                around: around, from: from, to: from.map { $0 + .seconds(1) }, nodes: nodes, types: types,
                limit: limit)
              let diagram = LamportDiagram(recording, filter: filter)
              let svg = try parse(xml: diagram.svg)
              func omitted(_ subject: LamportDiagram.Omission.Subject) -> Int {
                diagram.omissions.filter { $0.subject == subject }.reduce(0) { $0 + $1.count }
              }
              #expect(svg.messages.count == diagram.messageCount)
              #expect(diagram.messageCount <= limit)
              #expect(diagram.messageCount + omitted(.message) == recording.messages.count)
              #expect(svg.operations.count + omitted(.operation) == invocations.count)
              let head = svg.texts.joined(separator: " ")
              for omission in diagram.omissions { #expect(head.contains("\(omission)")) }
            }
          }
        }
      }
    }
  }
}
