import EddyEventLoop
import EddyStore
import EddyTiming
import Foundation
import Testing

/// A log that is larger than what is shown of it.
@Suite struct LogExcerptTests {
  private func excerpt(of text: String) throws -> [String] {
    let store = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: store) }
    let directory = try RunDirectory(store: store, workload: "echo", time: .zero)
    try directory.write(text, to: "node-logs/n0.log")
    return directory.log(of: "n0")
  }

  @Test(arguments: [0, 1, 100, 5_000, 10_485, 10_486, 10_500, 20_000, 21_000, 40_000, 100_000])
  func theFirstAndTheLastLinesAreThereAndTheOthersCounted(count: Int) throws {
    // Of 50 bytes each, so that 256 KiB hold 5,242.
    let all = (0..<count).map { "line \(String(1_000_000 + $0)) " + String(repeating: "x", count: 36) }
    let lines = try excerpt(of: all.map { $0 + "\n" }.joined())
    guard let gap = lines.firstIndex(where: { $0.hasPrefix("… ") }) else {
      #expect(lines == all)
      #expect(count < 21_000, "512 KiB and what is read at a time are kept")
      return
    }
    let omitted = try #require(Int(lines[gap].dropFirst(2).prefix { $0 != " " }))
    #expect(lines[gap] == "… \(omitted) lines are left out here; the log file has them.")
    let (head, tail) = (lines[..<gap], lines[(gap + 1)...])
    #expect(Array(head) == Array(all.prefix(head.count)))
    #expect(Array(tail) == Array(all.suffix(tail.count)))
    #expect(head.count + omitted + tail.count == count)
    #expect(head.count >= 5_000 && tail.count >= 5_000 && head.count + tail.count < 16_000)
  }

  @Test func aLastLineWithoutItsEndIsALine() throws {
    #expect(try excerpt(of: "one\ntwo") == ["one", "two"])
  }
}
