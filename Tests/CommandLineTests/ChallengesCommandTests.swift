import Foundation
import Testing

@testable import EddyTool

/// `eddy challenges`, and what the Makefile knows of challenges.
@Suite final class ChallengesCommandTests {
  private let store = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)")

  deinit { try? FileManager.default.removeItem(at: store) }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private func challenges() throws -> (code: Int32, text: String) {
    try eddy(["challenges", store.path])
  }

  /// What `make` would run, with nothing inherited from a `make` that runs this test.
  private func make(_ arguments: String...) throws -> String {
    let inherited = ["-u", "MAKEFLAGS", "-u", "MAKELEVEL", "-u", "MFLAGS"]
    let result = try output(
      of: "/usr/bin/env", inherited + ["make", "-n", "MAELSTROM="] + arguments, in: Self.root)
    #expect(result.code == 0, "\(result.text)")
    return result.text
  }

  private func write(_ results: String, of name: String, to file: String = "results.json") throws {
    let directory = store.appending(path: name)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    try Data(results.utf8).write(to: directory.appending(path: file))
  }

  private static let good = """
    {"valid?": true, "net": {"servers": {"msgs-per-op": 1.5}}, "availability": {"ok-fraction": 1},
     "workload": {"stable-latencies": {"0.5": 376, "1": 581}}}
    """

  @Test func allGoodRunsAreSolved() throws {
    for challenge in Challenge.all { try write(Self.good, of: challenge.name) }
    let result = try challenges()
    #expect(result.code == 0)
    #expect(result.text.hasSuffix("All \(Challenge.all.count) are valid and meet their limits.\n"))
  }

  @Test func oneRunOfMaelstromsThatMissesALimitIsEnoughForAnExitCode() throws {
    for challenge in Challenge.all where challenge.name != "broadcast-3d" {
      try write(Self.good, of: challenge.name)
    }
    let slow = """
      {:valid? true, :net {:servers {:msgs-per-op 1.5}}, :workload {:stable-latencies {0.5 376, 1 600}}}
      """
    try write(slow, of: "broadcast-3d", to: "results.edn")
    let result = try challenges()
    #expect(result.code == 1)
    #expect(result.text.contains("600 ≥ 600 ms"))
  }

  @Test func whatWasNotRunIsNotSolved() throws {
    try write(Self.good, of: "echo")
    let result = try challenges()
    #expect(result.code == 1)
    #expect(result.text.hasSuffix("Of \(Challenge.all.count): \(Challenge.all.count - 1) not run.\n"))
  }

  @Test func theMakefileRunsEveryChallengeInOrder() throws {
    let list = try make("--eval", "list: ; @echo $(CHALLENGES)", "list")
    #expect(
      list.split(whereSeparator: \.isWhitespace).dropFirst().map(String.init) == Challenge.all.map(\.name))
    for challenge in Challenge.all {
      #expect(try make("maelstrom-\(challenge.name)").contains("eddy test -w "))
    }
  }

  @Test func whatIsSetTakesThePlaceOfTheChallengesOwn() throws {
    #expect(try make("maelstrom-broadcast-3c").contains("--rate 10  --time-limit 20 --nemesis partition "))
    let changed = try make("maelstrom-broadcast-3c", "NEMESIS=kill,pause", "RATE=7")
    #expect(changed.contains("--rate 7  --time-limit 20 --nemesis kill,pause "))
  }

  @Test func aChallengesFaultCanBeTurnedOff() throws {
    #expect(try !make("maelstrom-broadcast-3c", "NEMESIS=").contains("--nemesis"))
  }
}
