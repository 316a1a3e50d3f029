import Foundation
import Testing

/// What is said of a run that asks for more than Eddy's nodes promise.
@Suite final class PromiseTests {
  private let store = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)")

  deinit { try? FileManager.default.removeItem(at: store) }

  private func simulate(_ flags: String) throws -> String {
    try eddy(["simulate", "--store", store.path] + flags.split(separator: " ").map(String.init)).text
  }

  private func page() throws -> String {
    try String(contentsOf: store.appending(path: "latest/index.html"), encoding: .utf8)
  }

  /// Whether a line comes before the verdict.
  private func isSaidBeforeTheVerdict(_ note: String, _ text: String) -> Bool {
    let lines = text.split(separator: "\n").map(String.init)
    guard let said = lines.firstIndex(of: note),
      let verdict = lines.firstIndex(where: { $0.contains(/^(?:Valid|Invalid|Unknown):/) })
    else { return false }
    return said < verdict
  }

  @Test(arguments: ["broadcast", "g-set"])
  func whatAKillErasesIsSaid(workload: String) throws {
    let run = "-w \(workload) --time-limit 2 --nemesis partition,kill --nemesis-interval 1"
    let local = try simulate(run)
    let note =
      "Note: \(workload) keeps values in memory, and kill erases them: a value that no other node has is lost. "
      + "With -- --ack replicated a value survives the crash of any one node."
    #expect(isSaidBeforeTheVerdict(note, local), "\(local)")
    #expect(try page().contains(note))
    let replicated = try simulate("\(run) -- --ack replicated")
    #expect(!replicated.contains(note))
    #expect(replicated.contains("Note: with --ack replicated \(workload) keeps an acknowledged value"))
  }

  @Test(arguments: [
    "-w broadcast --nemesis partition,pause,loss,duplicate", "-w echo --nemesis kill",
    "-w unique-ids --nemesis kill", "-w g-counter --nemesis kill", "-w kafka --nemesis kill",
    "-w txn-rw-register --nemesis kill --consistency-models read-committed",
  ])
  func nothingIsSaidOfWhatIsPromised(flags: String) throws {
    #expect(!(try simulate("\(flags) --time-limit 2 --nemesis-interval 1").contains("Note:")))
  }

  @Test func transactionsAreCheckedForWhatIsPromisedUnlessToldOtherwise() throws {
    let run = "-w txn-rw-register --node-count 5 --time-limit 5 --rate 100 --latency 50"
    let standard = try simulate(run)
    let note =
      "Note: transactions are checked for read-atomic, which is what Eddy's nodes promise. "
      + "Use --consistency-models to check for others."
    #expect(isSaidBeforeTheVerdict(note, standard), "\(standard)")
    #expect(standard.contains("\nValid: "))
    #expect(standard.contains(/replay: .*--consistency-models read-atomic/))
    let strict = try simulate("\(run) --consistency-models read-committed,strict-serializable")
    let warning =
      "Note: Eddy's nodes promise read-atomic; this run is checked for more: strict-serializable."
    #expect(isSaidBeforeTheVerdict(warning, strict), "\(strict)")
    #expect(strict.contains("\nInvalid: "))
    #expect(strict.contains(/replay: .*--consistency-models read-committed,strict-serializable/))
    #expect(try page().contains(warning))
  }

  /// The flag alone decides: what a replay says is what it was checked for.
  @Test func theDefaultOfARealRunIsMaelstromsAndSaidWhereItDecides() throws {
    func test(_ flags: [String]) throws -> String {
      try eddy(
        [
          "test", "-q", "-w", "txn-rw-register", "--bin", Files.executable("eddy-node"), "--store",
          store.path,
        ]
          + ["--node-count", "3", "--rate", "200", "--latency", "50", "--time-limit", "3"] + flags
          + ["txn-rw-register"]
      ).text
    }
    let standard = try test([])
    #expect(standard.contains("\nInvalid: "))
    let note = try #require(
      standard.firstMatch(
        of:
          /Note: strict-serializable is Maelstrom's default for --consistency-models. The strongest models that this history satisfies: (.+)\./
      ))
    #expect(note.1.contains("read-atomic") || note.1.contains("serializable") || note.1.contains("view"))
    #expect(try page().contains(note.0))
    #expect(!(try test(["--consistency-models", "strict-serializable"]).contains("Note:")))
  }
}
