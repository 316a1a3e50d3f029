import EddyNode
import Foundation
import Testing

/// `eddy check` on stored histories.
@Suite final class CheckCommandTests {
  private let directory = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)")
  private static let runs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "ParityTests/Runs")

  init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: directory) }

  private func recorded(_ name: String) -> String { Self.runs.appending(path: "\(name).edn.gz").path }

  private func check(_ arguments: String...) throws -> (code: Int32, text: String) {
    let result = try eddy(["check"] + arguments)
    return (result.code, result.text)
  }

  private var output: String { directory.appending(path: "out").path }

  private func text(_ name: String) -> String {
    (try? String(contentsOf: directory.appending(path: name), encoding: .utf8)) ?? ""
  }

  @Test(
    arguments: [
      ("echo-own", 0), ("kafka-shift", 1), ("g-set-forget", 1), ("unique-ids-rare", 1),
    ] as [(String, Int32)])
  func aHistoryThatMaelstromRecordedIsJudged(name: String, code: Int32) throws {
    let workload = name.split(separator: "-").dropLast().joined(separator: "-")
    let result = try check(recorded(name), "-w", workload, "--output", output)
    #expect(result.code == code, "\(result.text)")
    #expect(text("out/index.html").contains("Messages are not drawn"))
    #expect(try JSONValue(parsing: text("out/results.json"))["valid?"] == .bool(code == 0))
  }

  @Test func aDirectoryOfMaelstromsIsJudgedAndDrawn() throws {
    let run = directory.appending(path: "g-set/20261124T000000.000+0000")
    try FileManager.default.createDirectory(
      at: run.appending(path: "node-logs"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: recorded("g-set-thrown"), toPath: run.appending(path: "history.edn.gz").path)
    try Data("{:valid? false}\n".utf8).write(to: run.appending(path: "results.edn"))
    for node in 0..<3 { try Data("started\n".utf8).write(to: run.appending(path: "node-logs/n\(node).log")) }
    let result = try check(run.path, "--output", output)
    #expect(result.code == 1, "the path names the workload: \(result.text)")
    #expect(text("out/index.html").contains("3 nodes"))
    let drawing = try eddy(["diagram", run.path])
    #expect(drawing.code == 0 && drawing.text.contains("Messages are not drawn"), "\(drawing.text)")
  }

  @Test func aRunOfOursIsJudgedAnewWithOtherModels() throws {
    let store = directory.appending(path: "store").path
    let arguments = ["--node-count", "2", "--rate", "50", "--time-limit", "3", "--latency", "50"]
    let run = try eddy(
      [
        "simulate", "-w", "txn-rw-register", "--edn", "--consistency-models", "read-committed", "--store",
        store,
      ]
        + arguments)
    #expect(run.code == 0, "\(run.text)")
    let latest = "\(store)/latest"
    let results = text("store/latest/results.json")
    #expect(try check(latest).code == 0)
    #expect(text("store/latest/results.json") == results)
    #expect(try check("\(latest)/history.edn", "-w", "txn-rw-register", "--output", output).code == 1)
    #expect(
      try check(latest, "--consistency-models", "strict-serializable", "--output", output).code == 1)
    #expect(text("store/latest/results.edn").hasPrefix("{:perf {"))
  }

  @Test func whatIsNoHistoryIsRefusedInWords() throws {
    let path = directory.appending(path: "notes.txt").path
    try Data("hello\n".utf8).write(to: URL(filePath: path))
    let result = try check(path, "-w", "echo")
    #expect(result.code == 255)
    #expect(result.text.contains("notes.txt, line 1: an operation is expected"))
    #expect(try check("/nowhere", "-w", "echo").text.contains("/nowhere: No such file"))
  }

  @Test func aHistoryOfAnotherWorkloadIsABadArgument() throws {
    let result = try check(recorded("echo-own"), "-w", "kafka", "--output", output)
    #expect(result.code == 254)
    #expect(result.text.contains("it has echo"))
    #expect(try check(recorded("echo-own")).code == 254)
  }

  @Test func aHistoryThatIsOnlyInPartOfTheWorkloadIsABadArgument() throws {
    // A history of lin-kv has reads, as one of a set has.
    let lines = ["read", "write", "cas"].map {
      "{:process 0, :type :invoke, :f :\($0)}\n{:process 0, :type :ok, :f :\($0)}"
    }
    let path = directory.appending(path: "history.edn").path
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: path))
    let result = try check(path, "-w", "g-set", "--output", output)
    #expect(result.code == 254)
    #expect(result.text.contains("it has cas, write"), "\(result.text)")
  }

  @Test func aHistoryOfListsIsNotTakenForOneOfRegisters() throws {
    // Both workloads have one function, txn.
    let lines = ["invoke", "ok"].map {
      "{:process 0, :type :\($0), :f :txn, :value [[:r 1 nil] [:append 1 2]]}"
    }
    let path = directory.appending(path: "history.edn").path
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: path))
    let result = try check(path, "-w", "txn-rw-register", "--output", output)
    #expect(result.code == 254)
    #expect(result.text.contains("as those of txn-list-append"), "\(result.text)")
  }

  @Test func aHistoryOfRegistersIsNotTakenForOneOfLists() throws {
    let result = try check(recorded("txn-rw-register-hat-clj"), "-w", "txn-list-append", "--output", output)
    #expect(result.code == 254)
    #expect(result.text.contains("as those of txn-rw-register"), "\(result.text)")
  }

  @Test(arguments: [("txn-list-append-ok-1", 0 as Int32), ("txn-list-append-psi-strict-serializable", 1)])
  func aHistoryOfListsThatJepsenRecordedIsJudged(run: String, code: Int32) throws {
    let result = try check(recorded(run), "-w", "txn-list-append", "--output", output)
    #expect(result.code == code)
    #expect(result.text.contains(code == 0 ? "Valid" : "G-nonadjacent-item"), "\(result.text)")
  }

  @Test func aRunOfAWorkloadThatIsNotEddysIsCalledSo() throws {
    let run = directory.appending(path: "tickets/20261124T000000.000+0000")
    try FileManager.default.createDirectory(at: run, withIntermediateDirectories: true)
    try Data(#"{"workload":"tickets","nodes":["n0"],"concurrency":1}"#.utf8)
      .write(to: run.appending(path: "options.json"))
    try Data("{:process 0, :type :invoke, :f :buy}\n".utf8).write(to: run.appending(path: "history.edn"))
    let result = try check(run.path, "--output", output)
    #expect(result.code == 254)
    #expect(
      result.text.contains(
        "is a history of tickets, which eddy cannot check. It can check broadcast"),
      "\(result.text)")
  }

  @Test func aCompressedHistoryThatIsCutIsJudgedAsFarAsItGoes() throws {
    let path = directory.appending(path: "cut.edn.gz").path
    let whole = try Data(contentsOf: URL(filePath: recorded("unique-ids-list")))
    try whole.prefix(whole.count / 2).write(to: URL(filePath: path))
    let result = try check(path, "-w", "unique-ids", "--output", output)
    #expect(result.code == 0, "\(result.text)")
    #expect(result.text.contains("is cut off at line"))
  }
}
