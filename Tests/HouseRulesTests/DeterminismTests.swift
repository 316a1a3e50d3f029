import Testing

/// The same seed yields the same bytes: no code outside the drivers may depend on a clock, on unseeded
/// randomness, or on the order of a set or dictionary.
@Suite struct DeterminismTests {
  /// The modules that must be deterministic: those that run in simulations or process their results.
  private static let deterministic = [
    "Timing", "Node", "Workloads", "Registry", "History", "Checkers", "Network", "Run", "Simulation",
    "Report",
  ].map {
    "Sources/\($0)"
  }

  private func violations(_ text: String) throws -> [String] {
    try Determinism().violations(in: SourceFile(path: "Planted.swift", text: text)).map(\.reason)
  }

  @Test func whatNodesAndTheWorkbenchAreMadeOfIsDeterministic() throws {
    let files = try SourceTree.files(Self.deterministic)
    #expect(files.count > 50)
    let rules = try Determinism()
    let found = try files.flatMap(rules.violations)
    #expect(found == [])
  }

  @Test(arguments: [
    "let now = Date()", "let now = ContinuousClock.now", "let place = Int.random(in: 0..<9)",
    "let order = peers.shuffled()", "let peer = peers.randomElement()", "Task { await gossip() }",
    "var random = SystemRandomNumberGenerator()", "let seed = name.hashValue",
  ])
  func aPlantedClockOrUnseededChoiceIsFound(line: String) throws {
    #expect(try violations(line).count == 1)
  }

  @Test(arguments: [
    "var peers: Set<Int> = []\nfor peer in peers { send(peer) }",
    "var peers: Set<Int> = []\nfor peer in self.peers where peer != me { send(peer) }",
    "let peers = Set(names)\nreturn peers.map { $0 }",
    "let peers = Set(names)\nreturn Array(peers)",
    "var values: [String: Int] = [:]\nfor (key, value) in values { write(key, value) }",
    "var values = [String: Int]()\nwrite(values.keys.joined())",
    "let values = Dictionary(grouping: all, by: kind)\nfor value in values.values { write(value) }",
    "let values: [Int: [Int]]\n// In no order.\nfor value in values { write(value) }",
  ])
  func aPlantedIterationInNoOrderIsFound(text: String) throws {
    #expect(try violations(text).count == 1)
  }

  @Test(arguments: [
    "let order = random.shuffle(peers)",
    "let place = Int.random(in: 0..<9, using: &random)",
    "/// Not Date(), which nobody hands in.",
    "var peers: Set<Int> = []\nfor peer in peers.sorted() { send(peer) }",
    "var peers: Set<Int> = []\nif peers.contains(3) { send(3) }",
    "var peers: [Int] = []\nfor peer in peers { send(peer) }",
    "var values: [Int: Int] { [:] }",
    "var peers: Set<Int> = []\n// Any order: a sum has none.\nfor peer in peers { sum += peer }",
  ])
  func whatIsDeterministicIsNotBlamed(text: String) throws {
    #expect(try violations(text) == [])
  }
}
