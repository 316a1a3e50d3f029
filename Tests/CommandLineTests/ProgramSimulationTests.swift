import Foundation
import Testing

/// `eddy simulate --bin`: programs in virtual time, as their users run them.
@Suite struct ProgramSimulationTests {
  private let directory: URL

  init() throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  private func simulate(_ workload: String, _ program: String, _ arguments: String...) throws -> (
    code: Int32, lines: [String]
  ) {
    let (code, text) = try eddy(
      ["simulate", "-w", workload, "--bin", program, "--store", directory.path] + arguments)
    return (code, text.split(separator: "\n").map(String.init))
  }

  private func line(_ prefix: String, _ lines: [String]) -> String? { lines.first { $0.hasPrefix(prefix) } }

  private func file(_ name: String) throws -> String {
    try String(contentsOf: directory.appending(path: "latest/\(name)"), encoding: .utf8)
  }

  private func remove() { try? FileManager.default.removeItem(at: directory) }

  @Test func aRunSaysThatItCanBeRepeated() throws {
    defer { remove() }
    let flags = ["--node-count", "2", "--time-limit", "2", "--rate", "10", "--seed", "3"]
    let runs = try (0..<2).map { _ in
      try simulate(
        "echo", Files.node("echo"), flags[0], flags[1], flags[2], flags[3], flags[4], flags[5], flags[6],
        flags[7])
    }
    #expect(runs[0].code == 0, "\(runs[0].lines)")
    #expect(runs[0].lines.last == "reproducible: yes")
    #expect(line("digest", runs[0].lines) == line("digest", runs[1].lines))
    #expect(try file("results.json").contains("\"certain\": true"))
    #expect(try file("index.html").contains("# reproducible: yes"))
    #expect(try #require(line("replay", runs[0].lines)).contains("--bin \(Files.node("echo"))"))
  }

  /// A node whose answers depend on something that virtual time does not reach.
  @Test func verificationShowsWhereTwoRunsPart() throws {
    defer { remove() }
    let program = directory.appending(path: "uncertain.py")
    let source = """
      #!/usr/bin/env python3
      import json, sys
      for line in sys.stdin:
          message = json.loads(line)
          body = {"type": message["body"]["type"] + "_ok", "in_reply_to": message["body"]["msg_id"]}
          if "echo" in message["body"]:
              body["echo"] = message["body"]["echo"]
              body["chance"] = open("/proc/sys/kernel/random/uuid").read()
          print(json.dumps({"src": message["dest"], "dest": message["src"], "body": body}), flush=True)
      """
    try source.write(to: program, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
    let run = try simulate(
      "echo", program.path, "--node-count", "1", "--time-limit", "1", "--rate", "5", "--verify")
    let text = run.lines.joined(separator: "\n")
    #expect(
      text.contains("reproducible: no: a second run from the same seed printed something else, at line 2"))
    #expect(text.contains("first run:  ") && text.contains("second run: ") && text.contains(", n0 after "))
  }

  @Test func aWrongProgramIsFoundAndReplayed() throws {
    defer { remove() }
    let flood = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Examples/Python/flood.py").path
    let sweep = try simulate(
      "broadcast", flood, "--node-count", "3", "--time-limit", "4", "--rate", "5", "--nemesis", "partition",
      "--nemesis-interval", "1", "--latency", "50", "--seeds", "1..3")
    #expect(sweep.code == 1)
    #expect(line("3 seeds", sweep.lines) != nil, "\(sweep.lines)")
    let replay = try #require(line("replay: eddy simulate ", sweep.lines)).dropFirst("replay: eddy ".count)
    let again = try eddy(replay.split(separator: " ").map(String.init) + ["--store", directory.path])
    #expect(again.code == 1)
    #expect(again.text.contains(try #require(line("digest", sweep.lines))))
    #expect(again.text.contains("reproducible: yes"))
  }
}
