public import EddyCheckers
public import EddyNode

/// Requests IDs, which must be unique.
public struct UniqueIDsWorkload: Workload {
  public static let name = "unique-ids"

  public init(_ options: TestOptions) {}

  public func makeClient(process: Int, node: String) -> any Client {
    SingleRequestClient { _ in
      (Request("generate"), .init("generate_ok", fields: ["id"]))
    } result: { _, reply in
      try reply.raw("id")
    }
  }

  public func nextInvocation(for thread: ClientThread, _ random: inout SeededGenerator) -> Invocation? {
    Invocation("generate")
  }

  public var probedFunctions: [[String]] { [["generate"]] }

  public func invocation(of function: String, _ random: inout SeededGenerator) -> Invocation {
    Invocation(function)
  }

  public var checker: any Checker { UniqueIDsChecker() }
}
