import Foundation
import Testing

/// What a run ends with: the verdict whatever becomes of its files, and where they are.
@Suite final class ConclusionTests {
  private let store = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)")

  deinit { try? FileManager.default.removeItem(at: store) }

  /// Runs a script of a shell in which `$EDDY` is the workbench.
  private func shell(_ script: String) throws -> (code: Int32, text: String) {
    try output(
      of: "/usr/bin/env",
      [
        "EDDY=\(Files.executable("eddy"))", "NODE=\(Files.executable("eddy-node"))", "STORE=\(store.path)",
        "/bin/sh", "-c", script,
      ])
  }

  @Test func theLastLineNamesThePage() throws {
    let result = try shell("$EDDY simulate -w echo --time-limit 1 --store $STORE")
    #expect(result.code == 0)
    let page = try #require(
      result.text.split(separator: "\n").last?.wholeMatch(of: /Page: (.+\/index\.html)/))
    #expect(FileManager.default.fileExists(atPath: String(page.1)))
  }

  // A limit on the size of files stands in for a full disk: both fail in a write.
  @Test(arguments: [
    ("simulate --time-limit 2", 0), ("test -q --bin $NODE --time-limit 1 broadcast", 0),
    ("simulate --time-limit 20 --availability total --nemesis kill --nemesis-interval 2", 1),
  ])
  func aFullDiskKeepsTheVerdictFromNobody(command: String, code: Int32) throws {
    let result = try shell(
      "trap '' XFSZ; ulimit -f 4; exec $EDDY \(command) -w broadcast --rate 100 --store $STORE")
    #expect(result.code == code, "\(result.text)")
    #expect(result.text.contains("operations, "))
    let last = result.text.split(separator: "\n").last ?? ""
    #expect(last.hasPrefix("The files of this run are not complete: cannot write \(store.path)"), "\(last)")
    #expect(last.contains("EFBIG"))
  }

  @Test(arguments: [
    ("--node-count 1 --nemesis partition", "partition"), ("--faults 0 --nemesis kill,pause", "kill, pause"),
  ])
  func aFaultThatNeverHappenedIsTold(flags: String, missing: String) throws {
    let result = try shell("$EDDY simulate -w unique-ids --time-limit 5 \(flags) --store $STORE")
    let sentence = "Requested faults that never occurred: \(missing)."
    #expect(result.text.split(separator: "\n").suffix(2).first.map(String.init) == sentence)
    let page = try String(contentsOf: store.appending(path: "latest/index.html"), encoding: .utf8)
    #expect(page.contains(sentence))
  }

  @Test func faultsThatHappenedAreNotMissed() throws {
    let result = try shell(
      "$EDDY simulate -w unique-ids --time-limit 20 --nemesis partition,kill,pause,loss,duplicate --nemesis-interval 1 --store $STORE"
    )
    #expect(!result.text.contains("never happened"))
  }

  @Test func shrinkingSaysWhatItRemoved() throws {
    let passing = try shell("$EDDY simulate -w echo --time-limit 1 --shrink --store $STORE")
    #expect(passing.text.contains("--shrink: nothing to shrink: the run does not fail"))
    let failing = try shell(
      "$EDDY simulate -w txn-rw-register --swarm --seed 4 --shrink --consistency-models strict-serializable --store $STORE"
    )
    #expect(failing.code == 1)
    #expect(
      failing.text.contains(
        /shrunk: from \d+ nodes, \d+ clients, \d+ operations, .+ s to .+ operations, .+ s, with the same symptom: .*G-/
      ))
    #expect(failing.text.contains(/--without \d+-\d+/))
  }
}

/// A node that the kernel cannot end.
@Suite struct LingeringNodeTests {
  @Test func aRunWaitsOnlyFiveSecondsForAProcessThatDoesNotEnd() async throws {
    let run = try WorkbenchRun(
      "echo", on: "lingering", "--node-count", "1", "--time-limit", "0.5", "--rate", "20", "--quiet")
    #expect(try await run.exitCode() == 0)
    #expect(run.stored("node-logs/n0.log").contains("traced y"))
    #expect(
      run.errors.contains(/Left behind: n0 \(process \d+\)\. The kernel had not ended them 5 s after SIGKILL/)
    )
  }
}
