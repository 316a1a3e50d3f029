public import EddyCheckers
public import EddyHistory
public import EddyNode

/// Where a kafka client begins to read a key that is newly assigned to it; `--kafka-start`.
public enum KafkaStart: String, CaseIterable, Sendable {
  /// At offset 0. This is what Maelstrom's client does: it asks for the committed offsets, but looks a
  /// key up in the reply as a whole, where it is not, and falls back to 0. Each poll of a new key reads
  /// its log from the beginning.
  case beginning
  /// At the committed offset, as Maelstrom's documentation says; at 0 if the key has none.
  case committed
}

/// Sends messages to append-only logs and polls them: each must stay where it was put, and be seen.
public struct KafkaWorkload: Workload {
  public static let name = "kafka"

  private var generator: KafkaGenerator
  private let start: KafkaStart

  public init(_ options: TestOptions) {
    generator = KafkaGenerator(options)
    start = options.kafkaStart
  }

  public func makeClient(process: Int, node: String) -> any Client { KafkaClient(start: start) }

  public mutating func nextInvocation(for thread: ClientThread, _ random: inout SeededGenerator)
    -> Invocation?
  {
    generator.next(&random)
  }

  public var probedFunctions: [[String]] { [["send"], ["assign", "poll"]] }

  public mutating func invocation(of function: String, _ random: inout SeededGenerator) -> Invocation {
    generator.invocation(of: function, &random)
  }

  public mutating func observe(_ completion: Operation) { generator.observe(completion) }

  public func makeFinalOperations() -> (any FinalOperations)? { KafkaFinalPolls(targets: generator.highest) }

  public var checker: any Checker { KafkaChecker() }
}
