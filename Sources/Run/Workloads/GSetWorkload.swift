public import EddyCheckers
public import EddyNode

/// Adds integers to a grow-only set and reads it. Every acknowledged integer must reach every node.
public struct GSetWorkload: Workload {
  public static let name = "g-set"

  private var nextElement = 0

  public init(_ options: TestOptions) {}

  public func makeClient(process: Int, node: String) -> any Client {
    SingleRequestClient(idempotent: ["read"]) { invocation in
      guard invocation.function == "add", let element = invocation.value else {
        return (Request("read"), .init("read_ok", fields: ["value"]))
      }
      return (Request("add") { $0.field("element", element) }, .init("add_ok"))
    } result: { invocation, reply in
      guard invocation.function == "read" else { return invocation.value }
      guard case .array = try reply.reader("value").peek() else {
        throw RPCError.malformedRequest("value must be an array")
      }
      return try reply.raw("value")
    }
  }

  /// Adds and reads with equal probability.
  public mutating func nextInvocation(for thread: ClientThread, _ random: inout SeededGenerator)
    -> Invocation?
  {
    invocation(of: random.below(2) == 0 ? "add" : "read", &random)
  }

  public var probedFunctions: [[String]] { [["add"], ["read"]] }

  public mutating func invocation(of function: String, _ random: inout SeededGenerator) -> Invocation {
    guard function == "add" else { return Invocation("read") }
    defer { nextElement += 1 }
    return Invocation("add", RawJSON(nextElement))
  }

  public func makeFinalOperations(for thread: ClientThread) -> (any FinalOperations)? { .once("read") }

  public var checker: any Checker { SetFullChecker(add: "add") }
}
