import EddyNode
import Testing

@testable import EddyTool

@Suite struct ChallengeTableTests {
  private func challenge(_ name: String) throws -> Challenge {
    try #require(Challenge.all.first { $0.name == name })
  }

  private func results(
    _ valid: JSONValue = true, messages: JSONValue = 1.159, median: JSONValue = 376, longest: JSONValue = 581,
    ok: JSONValue = 1.0
  ) -> JSONValue {
    [
      "valid?": valid, "net": ["servers": ["msgs-per-op": messages], "all": ["msgs-per-op": 99]],
      "workload": ["stable-latencies": ["0": 0, "0.5": median, "1": longest]],
      "availability": ["ok-fraction": ok],
    ]
  }

  private func row(_ name: String, _ results: JSONValue) throws -> ChallengeTable.Row {
    .init(try challenge(name), RunFigures(results: results))
  }

  private func line(_ row: ChallengeTable.Row) -> String {
    String(ChallengeTable([row]).text.split(separator: "\n")[1])
  }

  @Test func figuresStandBesideTheLimitsThatTheyKeep() throws {
    let row = try row("broadcast-3d", results())
    #expect(row.isSolved)
    let words = line(row).split(separator: "  ").map { $0.drop { $0 == " " } }
    #expect(
      words == ["3d", "broadcast-3d", "valid", "1.15 < 30", "376 < 400 ms", "581 < 600 ms", "1.0000", "met"])
  }

  @Test(
    arguments: [
      (["messages": 30.0], "30.00 ≥ 30"), (["messages": 31.2], "31.20 ≥ 30"),
      (["median": 400], "400 ≥ 400 ms"), (["longest": 600], "600 ≥ 600 ms"),
      (["longest": 1712.5], "1712.5 ≥ 600 ms"), (["median": nil], "- ≥ 400 ms"),
    ] as [(JSONObject, String)])
  func aFigureBeyondItsLimitIsShownSo(changes: JSONObject, cell: String) throws {
    let row = try row(
      "broadcast-3d",
      results(
        messages: changes["messages"] ?? 1.0, median: changes["median"] ?? 376,
        longest: changes["longest"] ?? 581))
    #expect(!row.isSolved)
    #expect(line(row).contains(cell))
    #expect(line(row).hasSuffix("missed"))
  }

  @Test func oneFailedOperationMissesTotalAvailabilityAndLooksSo() throws {
    let row = try row("txn-6c", results(ok: 0.99999))
    #expect(!row.isSolved)
    #expect(line(row).contains("0.9999 < 1"))
  }

  @Test(arguments: [(false, "invalid"), ("unknown", "unknown"), (nil, "unknown")] as [(JSONValue, String)])
  func aRunThatIsNotValidSolvesNothing(valid: JSONValue, word: String) throws {
    let row = try row("g-counter", results(valid))
    #expect(!row.isSolved)
    #expect(line(row).contains(" \(word) "))
  }

  @Test func aRunWithoutResultsToSpeakOfIsNotValid() throws {
    #expect(try !row("echo", ["failure": "n1 crashed", "valid?": "unknown"]).isSolved)
    #expect(try !row("echo", nil).isSolved)
  }

  @Test func whatWasNotRunIsListed() throws {
    let row = ChallengeTable.Row(try challenge("kafka-5a"), nil)
    #expect(!row.isSolved)
    #expect(line(row).hasSuffix("not run"))
  }

  @Test func theSentenceCountsWhatIsWrong() throws {
    let good = try row("echo", results())
    #expect(ChallengeTable([good, good]).text.hasSuffix("\nAll 2 are valid and meet their limits.\n"))
    let table = ChallengeTable([
      good, try row("broadcast-3e", results(median: 1000)), try row("g-counter", results(false)),
      .init(try challenge("txn-6a"), nil),
    ])
    #expect(!table.isSolved)
    #expect(table.text.hasSuffix("\nOf 4: 1 not run, 1 not valid, 1 beyond a limit.\n"))
  }

  @Test func columnsLineUp() throws {
    let table = ChallengeTable([
      try row("echo", results()), try row("broadcast-3d", results(messages: 131.5)),
      try row("txn-6b-partition", results()),
    ])
    let lines = table.text.split(separator: "\n").prefix(4)
    let columns = lines.map { line in line.firstRange(of: /verdict|valid/)?.lowerBound.utf16Offset(in: line) }
    #expect(Set(columns).count == 1)
  }
}
