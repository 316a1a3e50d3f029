import Foundation
import Testing

/// `eddy diagram` on the files of a simulated run.
@Suite final class DiagramCommandTests {
  private let store = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)")

  deinit { try? FileManager.default.removeItem(at: store) }

  private var run: String { store.appending(path: "latest").path }

  private func simulate() throws {
    let result = try eddy([
      "simulate", "-w", "broadcast", "--node-count", "3", "--rate", "10", "--time-limit", "2", "--latency",
      "50", "--seed", "1", "--store", store.path,
    ])
    try #require(result.code == 0, "\(result.text)")
  }

  private func svg(_ name: String) throws -> String {
    try String(contentsOf: store.appending(path: "latest/\(name)"), encoding: .utf8)
  }

  @Test func itDrawsWhatTheRunItselfDrew() throws {
    try simulate()
    let drawn = try svg("messages.svg")
    #expect(try svg("index.html").contains("eddy simulate"))
    let result = try eddy(["diagram", run])
    #expect(result.code == 0)
    #expect(result.text.contains("messages.svg: "))
    #expect(try svg("messages.svg") == drawn)
  }

  @Test func flagsNarrowThePictureAndItSaysWhatIsMissing() throws {
    try simulate()
    let output = store.appending(path: "latest/few.svg").path
    let result = try eddy([
      "diagram", run, "--around", "3", "--from", "0.1", "--to", "1.5", "--nodes", "n0,n1", "--types",
      "gossip,read", "--output", output,
    ])
    #expect(result.code == 0)
    #expect(result.text.contains("outside the chosen time"))
    #expect(result.text.contains("of types that were not chosen"))
    let drawn = try svg("few.svg")
    #expect(drawn.contains("gossip"))
    #expect(!drawn.contains("read_ok"))
  }

  @Test(arguments: [
    (["--nodes", "n9"], "the run has no n9; its nodes are n0, n1, n2"),
    (["--around", "100000"], "the history has no entry 100000"),
    (["--from", "2", "--to", "1"], "--from must not be later than --to"),
    (["--from", "-2"], "must not be negative"),
    (["--limit", "-3"], "must be positive"),
    (["-o", "x.png"], "its name must end in .svg; x.png does not"),
    (
      ["--types", "foo"], "the run has no message of type foo; its types are broadcast, broadcast_ok, gossip"
    ),
  ])
  func whatTheRunDoesNotHaveIsRefused(arguments: [String], reason: String) throws {
    try simulate()
    let result = try eddy(["diagram", run] + arguments)
    #expect(result.code == 254)
    #expect(result.text.contains(reason))
  }

  @Test func aDirectoryWithoutARunIsNamed() throws {
    let result = try eddy(["diagram", "/nowhere"])
    #expect(result.code != 0)
    #expect(result.text.contains("/nowhere: No such file"))
  }
}
