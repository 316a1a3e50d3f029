import EddyNetwork
import EddyNode
import EddyReport
import EddyTiming
import HistoryScripts
import Testing

struct LamportDiagramTests {
  private let pair = Recording(
    nodes: ["n0", "n1"], [op("write", "7", 10...40)],
    [
      message("c0", "n0", "write", 10, 12), message("n0", "n1", "replicate", 15, 25),
      message("n1", "n0", "replicate_ok", 26, 36), message("n0", "c0", "write_ok", 38, 40),
    ])

  @Test func everyMessageAndOperationIsDrawnWithItsTooltip() throws {
    let svg = try parse(xml: LamportDiagram(pair).svg)
    #expect(
      svg.messageNames == [
        "write  c0 → n0", "replicate  n0 → n1", "replicate_ok  n1 → n0", "write_ok  n0 → c0",
      ])
    #expect(svg.messages[1].contains("sent 0.015 s\nreceived 0.025 s, after 10 ms\n"))
    #expect(svg.messages[1].hasSuffix(#"{"src":"n0","dest":"n1","body":{"type":"replicate","payload":{}}}"#))
    #expect(svg.operations.count == 1)
    #expect(
      svg.operations[0].hasPrefix(
        "operation 0: write 7\nby process 0 on n0\ninvoked 0.010 s\nok 0.040 s, after 30 ms"))
    #expect(svg.texts.contains("write 7"))
  }

  @Test func theStructureOfASmallDiagramIsAsItWas() throws {
    let svg = try parse(xml: LamportDiagram(pair).svg)
    let shapes = svg.children.map { "\($0.name) \($0.style.joined(separator: " "))" }
    #expect(
      shapes == [
        "title ", "style ", "rect paper", "g ",
        // The axis: four times.
        "line row", "text time", "line row", "text time", "line row", "text time", "line row", "text time",
        // The lanes of c0, n0, n1.
        "line axis", "text lane c", "line axis", "rect pill", "text lane", "line axis", "rect pill",
        "text lane",
        // What happened, and what is written of it.
        "g m tc", "g m t0", "g m t1", "g m tc", "g op ok",
        "text where", "text label tc", "text label t0", "text label t1",
      ])
  }

  @Test func aLostMessageEndsInACross() throws {
    let svg = try parse(
      xml: LamportDiagram(
        Recording(
          nodes: ["n0", "n1"],
          [lost("n0", "n1", "gossip", 0, at: 0, .loss), lost("n1", "n0", "gossip", 5, at: 9, .partition)])
      ).svg)
    let messages = svg.elements("g", style: "m").filter { $0.title != nil }
    #expect(messages.map { $0.elements("path", style: "cross").count } == [1, 1])
    #expect(svg.messages[0].contains("lost 0.000 s: at random"))
    #expect(svg.messages[1].contains("lost 0.009 s: the receiver was cut off by a partition"))
    #expect(svg.texts.contains("lost"))
  }

  @Test func aDuplicateIsAnArrowOfItsOwn() throws {
    let svg = try parse(
      xml: LamportDiagram(Recording(nodes: ["n0", "n1"], [message("n0", "n1", "gossip", 0, 10, 30)])).svg)
    let message = try #require(svg.elements("g", style: "m").first { $0.title != nil })
    #expect(message.elements("path", style: "dup").count == 1)
    #expect(svg.messages[0].contains("received 0.010 s, after 10 ms\nreceived 0.030 s, after 30 ms"))
  }

  @Test func aMessageUnderWayAtTheEndIsDrawnAsSuch() throws {
    let svg = try parse(
      xml: LamportDiagram(Recording(nodes: ["n0", "n1"], [message("n0", "n1", "gossip", 0)])).svg)
    #expect(svg.messages[0].contains("never received"))
    #expect(svg.texts.contains("in flight at the end"))
  }

  @Test func aDeadNodeIsShadedAndGetsNothing() throws {
    let svg = try parse(
      xml: LamportDiagram(
        Recording(
          nodes: ["n0", "n1"], [op("read", 90...95)], [lost("n0", "n1", "gossip", 5, at: 15, .down)],
          nemesis: [.nemesis("kill", 10, #"["n1"]"#), .nemesis("start", 20, #"["n1"]"#)])
      ).svg)
    #expect(svg.messages[0].contains("lost 0.015 s: the receiver was down"))
    #expect(svg.elements("rect", style: "down").compactMap(\.title) == ["n1 is down"])
  }

  @Test func aPartitionShowsItsSides() throws {
    let isolated = #"{"kind":"majority","isolated":{"n0":["n1","n2"],"n1":["n0"],"n2":["n0"]}}"#
    let svg = try parse(
      xml: LamportDiagram(
        Recording(
          nodes: ["n0", "n1", "n2"], [op("read", 0...1)],
          [message("n0", "n1", "gossip", 5, 15), message("n1", "n2", "gossip", 30, 45)],
          nemesis: [.nemesis("start-partition", 10, isolated), .nemesis("stop-partition", 40)])
      ).svg)
    #expect(svg.elements("rect", style: "side0").compactMap(\.title) == ["n0 hears only n0"])
    #expect(
      svg.elements("rect", style: "side1").compactMap(\.title) == [
        "n1 hears only n1 n2", "n2 hears only n1 n2",
      ])
    #expect(svg.all.contains { $0.title?.hasPrefix("partition (majority), 0.010 s to 0.040 s") == true })
  }

  @Test func theLegendOfAPartitionWithoutSidesNamesNone() throws {
    let svg = try parse(
      xml: LamportDiagram(
        Recording(
          nodes: ["n0", "n1", "n2"], [op("read", 0...1)], [message("n0", "n1", "gossip", 5, 15)],
          nemesis: [
            .nemesis("start-partition", 2, #"{"kind":"one-way","isolated":{"n0":["n1"]}}"#),
            .nemesis("kill", 6, #"["n2"]"#), .nemesis("start-loss", 7, #""12 %""#),
            .nemesis("start-duplicate", 8, #""5 %""#),
          ])
      ).svg)
    let tints = ["deaf", "down", "bar"].map { style in
      svg.elements("rect", style: style).contains { $0.attributes["width"] == "16" }
    }
    #expect(tints == [true, true, true])
    let entries = ["does not hear all nodes", "killed", "messages lost or duplicated at random"]
    #expect(svg.texts.filter(entries.contains) == entries)
    #expect(!svg.texts.contains("one side of a partition"))
  }

  @Test func logLinesAreMarksOnTheirLane() throws {
    let recording = Recording(
      nodes: ["n0", "n1"], [message("n0", "n1", "gossip", 0, 10)],
      logs: [["free text", "warning 4.500 ms n0 suspects its parent parent=n1"], []])
    let svg = try parse(xml: LamportDiagram(recording).svg)
    let marks = svg.elements("g", style: "warning").compactMap(\.title)
    #expect(marks == ["0.004500 s\nwarning 4.500 ms n0 suspects its parent parent=n1"])
    #expect(svg.texts.contains("suspects its parent"))
  }

  @Test(arguments: [
    "<b>&\"'</b>", "]]>", "\u{1}\u{7f}\u{85}\u{FFFE}", "é 漢字 👩‍👩‍👧", "a\tb\nc\r",
  ])
  func anyTextIsEscaped(_ text: String) throws {
    let recording = Recording(
      nodes: ["n0", "n1"], [op("say", "\(RawJSON(string: text))", 0...9)],
      [message("n0", "n1", text, 0, 5, payload: "\(RawJSON(string: text))")],
      logs: [["info 1.000 ms n0 \(text)"]])
    let svg = try parse(xml: LamportDiagram(recording).svg)
    #expect(svg.messages.count == 1)
    let printable = text.unicodeScalars.filter {
      $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) && $0 != "\u{FFFE}"
    }
    let drawn = svg.messages[0].unicodeScalars
    #expect(printable.allSatisfy { drawn.contains($0) })
  }

  @Test func theSameRecordingMakesTheSameBytes() {
    let first = LamportDiagram(.broadcast().recording).svg
    let second = LamportDiagram(.broadcast().recording).svg
    #expect(first == second)
    #expect(first.utf8.count > 10_000)
  }

  @Test func anEmptyRunIsAPictureToo() throws {
    let svg = try parse(xml: LamportDiagram(Recording(nodes: ["n0"], [])).svg)
    #expect(svg.messages.isEmpty)
  }

  @Test func everyArrowOfARunWithFaultsPointsDownwards() throws {
    let svg = try parse(xml: LamportDiagram(.broadcast().recording).svg)
    let lines = svg.elements("path", style: "hit").compactMap { $0.attributes["d"] }
    #expect(lines.count > 100)
    for line in lines where !line.contains("C") {
      let numbers = line.split { "ML ".contains($0) }.compactMap { Double($0) }
      #expect(numbers.count == 4)
      #expect(numbers[3] > numbers[1])
    }
  }
}
