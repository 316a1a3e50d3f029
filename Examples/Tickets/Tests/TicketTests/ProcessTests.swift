import EddyWorkbench
import Foundation
import Testing
import TicketWorkload

/// Beside the test bundle lies the program that it depends on.
private func ticketNode(_ arguments: String...) throws -> Program {
  let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  return try Program(path: products.appending(path: "ticket-node").path, arguments: arguments)
}

/// Runs three processes, whose page must be there; the run's files are removed afterwards.
private func results(of program: Program) throws -> Results {
  let store = FileManager.default.temporaryDirectory.appending(path: "tickets-\(UUID().uuidString)")
  defer { try? FileManager.default.removeItem(at: store) }
  let (results, page) = try TicketRun(seed: 1, timeLimit: .seconds(3)).run(program, store: store.path)
  #expect(FileManager.default.fileExists(atPath: page))
  return results
}

@Test func ticketsAreInOrderInRealTime() throws {
  let results = try results(of: ticketNode())
  #expect(results.validity == .valid)
}

@Test func thePlantedBugIsFoundInRealTime() throws {
  let results = try results(of: ticketNode("--blocks"))
  #expect(results.anomalies.map(\.name) == ["out-of-order"])
}

@Test func aProgramThatEndsIsExplained() throws {
  let program = try Program(path: "/bin/true")
  let failure = #expect(throws: FailureReport.self) { try results(of: program) }
  #expect(failure?.failure.node.hasPrefix("n") == true)
}
