public import ArgumentParser
public import EddyNode
import EddyWorkloads

/// The flags of one of Eddy's own workloads, from which its nodes are made.
///
/// The daemon has a command for each; a simulation accepts the same flags.
public protocol WorkloadFlags: ParsableArguments {
  /// The workload's name in Maelstrom.
  static var workload: String { get }
  /// What the workload does, in a sentence.
  static var abstract: String { get }
  /// Flags of the workload, as an example of their use; empty by default.
  static var example: String { get }
  /// What nodes with these flags promise; by default to survive every fault.
  var promise: NodePromise { get }
  /// The handler of a node with these flags.
  func makeHandler() -> any Handler
}

extension WorkloadFlags {
  public static var example: String { "" }
  public var promise: NodePromise { NodePromise() }
}

/// Eddy's own workloads, by their names.
public enum HandlerRegistry {
  /// The flags of each workload, in groups for the daemon's help. A workload is added by a line here.
  public static let groups: [(title: String, workloads: [any WorkloadFlags.Type])] = [
    ("Basic", [EchoFlags.self, UniqueIDsFlags.self]),
    ("Set", [BroadcastFlags.self, GSetFlags.self]),
    ("Counter", [GCounterFlags.self, PNCounterFlags.self]),
    ("Log and transaction", [KafkaFlags.self, TxnRegisterFlags.self]),
    ("Consensus", [LinKVFlags.self, TxnListAppendFlags.self]),
  ]

  /// The flags of each workload.
  public static let all = groups.flatMap(\.workloads)

  /// The flags of a workload, from its name and arguments; nil if no workload has that name.
  ///
  /// Throws the parser's error if it rejects the arguments.
  public static func flags(_ name: String, arguments: [String]) throws -> (any WorkloadFlags)? {
    try all.first { $0.workload == name }?.parse(arguments)
  }

  /// A function that makes the handler of a node, from a workload's name and arguments; nil if no workload
  /// has that name.
  ///
  /// Throws the parser's error if it rejects the arguments.
  public static func factory(_ name: String, arguments: [String]) throws -> (() -> any Handler)? {
    guard let flags = try flags(name, arguments: arguments) else { return nil }
    return { flags.makeHandler() }
  }

  /// Why ``flags(_:arguments:)`` has rejected arguments, in a sentence.
  public static func message(for error: any Error, _ name: String) -> String {
    all.first { $0.workload == name }?.message(for: error) ?? "\(error)"
  }
}

/// The flags of `eddy-node echo`: none.
public struct EchoFlags: WorkloadFlags {
  public static let workload = "echo"
  public static let abstract = "Echoes the payload of each request."

  public init() {}
  public func makeHandler() -> any Handler { Echo() }
}

/// The flags of `eddy-node unique-ids`: none.
public struct UniqueIDsFlags: WorkloadFlags {
  public static let workload = "unique-ids"
  public static let abstract = "Generates cluster-wide unique IDs."

  public init() {}
  public func makeHandler() -> any Handler { UniqueIDs() }
}
