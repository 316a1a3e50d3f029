public import EddyCheckers
public import EddyNode

/// Adds numbers from 0 to 4 to a grow-only counter and reads it.
public struct GCounterWorkload: CounterWorkload {
  public static let name = "g-counter"
  public static let deltas = 0...4

  public init(_ options: TestOptions) {}
}

/// Adds numbers from −5 to 4 to a counter and reads it.
public struct PNCounterWorkload: CounterWorkload {
  public static let name = "pn-counter"
  public static let deltas = -5...4

  public init(_ options: TestOptions) {}
}

/// The common part of both counters: all but the range of deltas.
///
/// The final reads must return a sum that the adds can have.
public protocol CounterWorkload: Workload {
  /// The numbers to add, with equal probability.
  static var deltas: ClosedRange<Int> { get }
}

extension CounterWorkload {
  public func makeClient(process: Int, node: String) -> any Client {
    SingleRequestClient(idempotent: ["read"]) { invocation in
      guard invocation.function == "add", let delta = invocation.value else {
        return (Request("read"), .init("read_ok", fields: ["value"]))
      }
      return (Request("add") { $0.field("delta", delta) }, .init("add_ok"))
    } result: { invocation, reply in
      guard invocation.function == "read" else { return invocation.value }
      return RawJSON(try reply.integer("value"))
    }
  }

  /// A read is as likely as all ten deltas of the pn-counter together: half of its operations are reads. For
  /// the g-counter Maelstrom drops the negative deltas, which leaves one add per two reads.
  public func nextInvocation(for thread: ClientThread, _ random: inout SeededGenerator) -> Invocation? {
    let reads = PNCounterWorkload.deltas.count
    let drawn = random.below(reads + Self.deltas.count)
    guard drawn >= reads else { return Invocation("read") }
    return Self.add(drawn - reads)
  }

  public var probedFunctions: [[String]] { [["add"], ["read"]] }

  public func invocation(of function: String, _ random: inout SeededGenerator) -> Invocation {
    function == "add" ? Self.add(random.below(Self.deltas.count)) : Invocation("read")
  }

  private static func add(_ index: Int) -> Invocation {
    Invocation("add", RawJSON(deltas.lowerBound + index))
  }

  public func makeFinalOperations(for thread: ClientThread) -> (any FinalOperations)? { .once("read") }

  public var checker: any Checker { CounterChecker() }
}
