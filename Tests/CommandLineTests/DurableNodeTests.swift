import EddyNode
import EddyProcess
import Foundation
import Testing

/// A node with a disk as its users run it: killed, started again, and under `eddy test`.
@Suite final class DurableNodeTests {
  private let directory = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)")

  deinit { try? FileManager.default.removeItem(at: directory) }

  private func start() throws -> DaemonProcess {
    try DaemonProcess(["durable", directory.path], program: Files.executable("DurableNode"))
  }

  private func add(_ element: Int) -> String {
    Line.request(#""type":"add","msg_id":\#(element),"element":\#(element)"#)
  }

  private static let read = Line.request(#""type":"read","msg_id":7"#)

  private func readReply(_ elements: ClosedRange<Int>) -> String {
    let list = elements.map(String.init).joined(separator: ",")
    return Line.reply(#""type":"read_ok","in_reply_to":7,"value":[\#(list)]"#)
  }

  @Test func aKilledNodeFindsWhatItAcknowledgedAtOnce() throws {
    for last in [10, 20, 30] {
      let node = try start()
      #expect(try node.ask(Line.initialize) == Line.initializeReply)
      if last > 10 { #expect(try node.ask(Self.read) == readReply(1...(last - 10))) }
      for element in (last - 9)...last { #expect(try node.ask(add(element)).contains("add_ok")) }
      kill(node.child.id, SIGKILL)
    }
    let node = try start()
    #expect(try node.ask(Line.initialize) == Line.initializeReply)
    #expect(try node.ask(Self.read) == readReply(1...30))
  }

  @Test func theLastAcknowledgementsOfAnEndingInputAreWritten() throws {
    let node = try start()
    for line in [Line.initialize] + (1...5).map(add) + [Self.read] { node.write(line) }
    let outcome = try node.finish()
    #expect(outcome.exit == .code(0) && outcome.output.count == 7 && outcome.output.last == readReply(1...5))
  }

  /// Both lines come in one read: the second must not start the node that the first could not.
  @Test func aNodeWhoseDirectoryIsInUseRefusesEveryInitAndExits() throws {
    let first = try start()
    #expect(try first.ask(Line.initialize) == Line.initializeReply)
    let second = try start()
    second.write(Line.initialize)
    second.write(Line.initialize)
    second.write(add(2))
    let outcome = try second.waitForEnd()
    let refusal = Line.reply(
      #""type":"error","in_reply_to":1,"code":13,"text":"another process uses the data directory \#(directory.path)""#
    )
    #expect(outcome.output == [refusal, refusal] && outcome.exit == .code(1))
    #expect(outcome.log.contains { $0.contains("another process uses the data directory") })
    #expect(try first.ask(add(1)).contains("add_ok"))
  }

  @Test func theDirectoryOfAProcessThatEndsMeanwhileIsWaitedFor() throws {
    let first = try start()
    #expect(try first.ask(Line.initialize) == Line.initializeReply)
    let second = try start()
    second.write(Line.initialize)
    kill(first.child.id, SIGKILL)
    try second.run { !second.output.isEmpty }
    #expect(second.output == [Line.initializeReply])
  }

  @Test func aDamagedLogStopsTheNodeWithWords() throws {
    let node = try start()
    #expect(try node.ask(Line.initialize) == Line.initializeReply)
    for element in 1...3 { #expect(try node.ask(add(element)).contains("add_ok")) }
    #expect(try node.finish().exit == .code(0))
    let file = directory.appending(path: "log")
    var bytes = try Data(contentsOf: file)
    bytes[RecordLog.headerLength + RecordLog.entryHeaderLength] ^= 1
    try bytes.write(to: file)
    let damaged = try start()
    damaged.write(Line.initialize)
    let outcome = try damaged.waitForEnd()
    #expect(outcome.exit == .code(1))
    #expect(outcome.output.count == 1 && outcome.output[0].contains("the entry at byte 20 is damaged"))
    #expect(outcome.log.contains { $0.hasPrefix("error ") && $0.contains("is damaged") })
  }

  @Test func aWorkloadThatStoresNothingRefusesADirectory() throws {
    let outcome = try DaemonProcess.run(["echo", "--data-dir", directory.path], on: [])
    #expect(outcome.exit != .code(0))
    #expect(outcome.log.contains { $0.contains("--data-dir: a node of echo stores nothing on a disk") })
    #expect(!FileManager.default.fileExists(atPath: directory.path))
  }

  // MARK: Under eddy test

  private func judged(_ nodeArguments: [String]) throws -> WorkbenchRun {
    try WorkbenchRun(
      [
        "-q", "-w", "g-set", "--bin", Files.executable("DurableNode"), "--node-count", "1", "--concurrency",
        "3",
        "--rate", "50", "--time-limit", "6", "--nemesis", "kill", "--nemesis-interval", "0.5", "--seed", "1",
      ], nodeArguments: nodeArguments)
  }

  @Test func aNodeWithADirectoryOfItsOwnSurvivesKillsAndOneWithoutIsCaughtLosing() async throws {
    let durable = try judged(["durable", "{dir}"])
    let forgetful = try judged(["durable"])
    try await durable.start()
    try await forgetful.start()
    try await durable.end()
    try await forgetful.end()
    #expect(durable.process.terminationStatus == 0, "\(durable.errors)")
    #expect(forgetful.process.terminationStatus == 1, "\(forgetful.errors)")
    let log = durable.directory.appending(path: "latest/node-data/n0/log")
    #expect(try RecordLog.read(Array(Data(contentsOf: log))).recovered.snapshot != nil)
    #expect(durable.stored("messages.jsonl").contains(#""restarted":true"#))
  }
}
