public import EddyCheckers
public import EddyNode

/// Sends payloads, which must be returned unchanged.
public struct EchoWorkload: Workload {
  public static let name = "echo"

  public init(_ options: TestOptions) {}

  public func makeClient(process: Int, node: String) -> any Client {
    SingleRequestClient { invocation in
      let payload = invocation.value!
      return (Request("echo") { $0.field("echo", payload) }, .init("echo_ok", fields: ["echo"]))
    } result: { _, reply in
      try reply.raw("echo")
    }
  }

  public func nextInvocation(for thread: ClientThread, _ random: inout SeededGenerator) -> Invocation? {
    invocation(of: "echo", &random)
  }

  public var probedFunctions: [[String]] { [["echo"]] }

  public func invocation(of function: String, _ random: inout SeededGenerator) -> Invocation {
    Invocation(function, RawJSON(string: "Please echo \(random.below(128))"))
  }

  public var checker: any Checker { EchoChecker() }
}
