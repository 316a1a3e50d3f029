import EddyWorkbench
import Foundation
import Testing
import TicketWorkload

/// Beside the test bundle lies the program that it depends on.
private func ticketNode(_ arguments: String...) throws -> Program {
  let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  return try Program(path: products.appending(path: "ticket-node").path, arguments: arguments)
}

/// Runs three processes; the run's files are in a directory that is removed afterwards.
private func results(of program: Program) throws -> Results {
  let store = FileManager.default.temporaryDirectory.appending(path: "tickets-\(UUID().uuidString)")
  defer { try? FileManager.default.removeItem(at: store) }
  return try TicketRun(seed: 1, timeLimit: .seconds(3)).run(program, store: store.path).results
}

@Test func ticketsAreInOrderInRealTime() throws {
  let results = try results(of: ticketNode())
  #expect(results.validity == .valid)
}

@Test func thePlantedBugIsFoundInRealTime() throws {
  let results = try results(of: ticketNode("--blocks"))
  #expect(results.anomalies.map(\.name) == ["out-of-order"])
}
