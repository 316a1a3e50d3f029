public import EddyWorkbench

/// Takes tickets; no two may be the same, and a ticket that is asked for later has a larger number.
public struct TicketWorkload: Workload {
  public static let name = "tickets"

  public init(_ options: TestOptions) {}

  public func makeClient(process: Int, node: String) -> any Client {
    SingleRequestClient { _ in
      (Request("take"), .init("take_ok", fields: ["ticket"]))
    } result: { _, reply in
      RawJSON(encoding: try reply.integer("ticket"))
    }
  }

  public func nextInvocation(for thread: ClientThread, _ random: inout SeededGenerator) -> Invocation? {
    Invocation("take")
  }

  public var probedFunctions: [[String]] { [["take"]] }

  public func invocation(of function: String, _ random: inout SeededGenerator) -> Invocation {
    Invocation(function)
  }

  public var checker: any Checker { TicketChecker() }
}
