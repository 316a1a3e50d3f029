public import EddyCheckers
public import EddyNode

/// Broadcasts numbers and reads them back. Every acknowledged number must reach every node.
public struct BroadcastWorkload: Workload {
  public static let name = "broadcast"

  private let neighbours: [(node: String, neighbours: [String])]
  private var nextValue = 0

  public init(_ options: TestOptions) {
    neighbours = options.topology.neighbours(of: options.nodes)
  }

  public func setupRequest() -> Request? {
    Request("topology") { [neighbours] body in
      body.field("topology") {
        $0.object { topology in
          for (node, others) in neighbours {
            topology.field(key: node, others)
          }
        }
      }
    }
  }

  public func makeClient(process: Int, node: String) -> any Client {
    SingleRequestClient(idempotent: ["read"]) { invocation in
      guard invocation.function == "broadcast", let value = invocation.value else {
        return (Request("read"), .init("read_ok", fields: ["messages"]))
      }
      return (Request("broadcast") { $0.field("message", value) }, .init("broadcast_ok"))
    } result: { invocation, reply in
      guard invocation.function == "read" else { return invocation.value }
      guard case .array = try reply.reader("messages").peek() else {
        throw RPCError.malformedRequest("messages must be an array")
      }
      return try reply.raw("messages")
    }
  }

  /// Broadcasts and reads with equal probability.
  public mutating func nextInvocation(for thread: ClientThread, _ random: inout SeededGenerator)
    -> Invocation?
  {
    invocation(of: random.below(2) == 0 ? "broadcast" : "read", &random)
  }

  public var probedFunctions: [[String]] { [["broadcast"], ["read"]] }

  public mutating func invocation(of function: String, _ random: inout SeededGenerator) -> Invocation {
    guard function == "broadcast" else { return Invocation("read") }
    defer { nextValue += 1 }
    return Invocation("broadcast", RawJSON(nextValue))
  }

  public func makeFinalOperations(for thread: ClientThread) -> (any FinalOperations)? { .once("read") }

  public var checker: any Checker { SetFullChecker(add: "broadcast") }
}
