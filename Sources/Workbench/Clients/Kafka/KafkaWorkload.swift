public import Node

/// Sends messages to append-only logs and polls them: each must stay where it was put, and be seen.
public struct KafkaWorkload: ClientWorkload {
  public static let name = "kafka"

  private var generator: KafkaGenerator

  public init(_ options: TestOptions) { generator = KafkaGenerator(options) }

  public func makeClient(process: Int, node: String) -> any Client { KafkaClient() }

  public mutating func nextInvocation(_ random: inout SeededGenerator) -> Invocation? {
    generator.next(&random)
  }

  public mutating func observe(_ completion: Operation) { generator.observe(completion) }

  public func makeFinalOperations() -> (any FinalOperations)? { KafkaFinalPolls(targets: generator.highest) }

  public var checker: any Checker { KafkaChecker() }
}
