import EddyHistory
import EddyNode
import EddyStore
import Foundation
import Testing

@Suite final class StoredResultsTests {
  private let directory = FileManager.default.temporaryDirectory.appending(
    path: "eddy-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: directory.appending(path: name))
  }

  private func read() throws -> JSONValue? { try StoredResults.read(directory.path) }

  /// As Maelstrom lays it out.
  private static let edn = """
    {:perf {:latency-graph {:valid? true}, :valid? true},
     :net {:all {:send-count 24010, :msgs-per-op 11.875},
           :servers {:msg-count 2330, :msgs-per-op 1.15}, :valid? true},
     :workload {:worst-stale (),
                :stable-latencies {0 0, 0.5 376, 0.95 520, 1 581},
                :attempt-count 7N},
     :availability {:valid? true, :ok-fraction 0.99}, ; all but a few
     :valid? :unknown}

    """

  @Test func eddysResultsAreRead() throws {
    try write(#"{"valid?": true, "net": {"servers": {"msgs-per-op": 0.5}}}"#, to: "results.json")
    #expect(try read() == ["valid?": true, "net": ["servers": ["msgs-per-op": 0.5]]])
  }

  @Test func maelstromsResultsHaveTheSameKeys() throws {
    try write(Self.edn, to: "results.edn")
    let results = try #require(try read())
    #expect(results["net"]?["servers"]?["msgs-per-op"] == 1.15)
    #expect(results["workload"]?["stable-latencies"] == ["0": 0, "0.5": 376, "0.95": 520, "1": 581])
    #expect(results["workload"]?["worst-stale"] == [])
    #expect(results["workload"]?["attempt-count"] == 7)
    #expect(results["availability"]?["ok-fraction"] == 0.99)
    #expect(results["valid?"] == "unknown")
  }

  @Test(
    arguments: [
      (#"#jepsen.history.Op{:index 3, :value nil}"#, ["index": 3, "value": nil]),
      (##"[#{1 2} #_ ignored "a\"b\\n\n" \c sym/bol]"##, [[1, 2], "a\"b\\n\n", "c", "sym/bol"]),
      ("{[1 :a] 1/4, \"k\" -2.5e3M}", ["[1,\"a\"]": 0.25, "k": -2500.0]),
      ("##NaN", "##NaN"), ("(true false nil)", [true, false, nil]),
    ] as [(String, JSONValue)])
  func whatElseClojureWritesIsRead(text: String, value: JSONValue) throws {
    #expect(try EDNReader.read(Array(text.utf8)) == value)
  }

  @Test(arguments: [
    "", "{:a", "{:a}", "[1", "\"open", "#", "#tag", ")", String(repeating: "[", count: 100_000),
  ])
  func whatIsNoEDNIsRefused(text: String) throws {
    #expect(throws: EDNReader.Failure.self) { try EDNReader.read(Array(text.utf8)) }
  }

  @Test func aDirectoryWithoutResultsHasNone() throws {
    #expect(try read() == nil)
    #expect(try StoredResults.read("/nowhere") == nil)
  }

  @Test func aDamagedFileIsNamed() throws {
    for name in ["results.edn", "results.json"] {
      try write("{", to: name)
      let error = #expect(throws: StoredRunError.self) { try read() }
      #expect(error?.description.hasPrefix("\(directory.path)/\(name): ") == true)
    }
  }
}
