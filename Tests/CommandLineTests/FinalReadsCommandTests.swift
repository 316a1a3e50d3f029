import EddyNode
import Foundation
import Testing

/// `--final-reads`, from the command line to the stored history.
@Suite final class FinalReadsCommandTests {
  private let store = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)")

  deinit { try? FileManager.default.removeItem(at: store) }

  /// The completed micro-operations of a run: `[function, key, value]`.
  private func run(_ flags: String...) throws -> (final: [JSONValue], others: [JSONValue]) {
    let arguments = [
      "simulate", "-w", "txn-list-append", "--node-count", "3", "--time-limit", "3", "--rate", "20",
      "--nemesis", "partition", "--nemesis-interval", "1", "--seed", "5", "--store", store.path,
    ]
    let result = try eddy(arguments + flags)
    #expect(result.code == 0, "\(result.text)")
    let text = try String(contentsOf: store.appending(path: "latest/history.jsonl"), encoding: .utf8)
    var steps: (final: [JSONValue], others: [JSONValue]) = ([], [])
    for line in text.split(separator: "\n") {
      let operation = try JSONValue(parsing: String(line))
      guard operation["type"] == "ok", case .array(let found)? = operation["value"] else { continue }
      if operation["final?"] == true { steps.final += found } else { steps.others += found }
    }
    return steps
  }

  @Test func everyKeyIsReadAtTheEndWithAllThatWasAcknowledged() throws {
    let steps = try run("--final-reads")
    let appends = steps.others.filter { $0[0] == "append" }
    #expect(appends.count > 20)
    #expect(steps.final.allSatisfy { $0[0] == "r" })
    for append in appends {
      let read = try #require(steps.final.first { $0[1] == append[1] }, "no final read of the key")
      guard case .array(let elements)? = read[2] else {
        Issue.record("\(read) lacks \(append)")
        continue
      }
      #expect(append[2].map(elements.contains) == true, "\(read) lacks \(append)")
    }
  }

  @Test func thereAreNoneUnlessTheyAreAskedFor() throws {
    let steps = try run()
    #expect(steps.final.isEmpty && !steps.others.isEmpty)
  }
}
