public import EddyCheckers
public import EddyHistory
public import EddyNode

/// Where a kafka client begins to read a newly assigned key; `--kafka-start`.
public enum KafkaStart: String, CaseIterable, Sendable {
  /// At offset 0, as Maelstrom's client does in effect: it requests the committed offsets, but looks the key
  /// up at the wrong level of the reply, finds nothing and uses 0. Polls of a new key thus read its log from
  /// the beginning.
  case beginning
  /// At the committed offset, as Maelstrom's documentation says; at 0 if there is none.
  case committed
}

/// Sends messages to append-only logs and polls them. Every acknowledged message must keep its offset and be
/// seen.
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

  public func makeFinalOperations(for thread: ClientThread) -> (any FinalOperations)? {
    KafkaFinalPolls(targets: generator.highest)
  }

  public var checker: any Checker { KafkaChecker() }
}
