public import ArgumentParser
public import EddyNode
import EddyWorkloads

/// The flags of one of Eddy's own workloads, from which its nodes are made.
///
/// The daemon has a command for each; a simulation takes the same flags.
public protocol WorkloadFlags: ParsableArguments {
  /// The workload's name in Maelstrom.
  static var workload: String { get }
  /// What it does, in a sentence.
  static var abstract: String { get }
  /// What nodes of these flags promise; by default to survive every fault.
  var promise: NodePromise { get }
  /// A node of these flags, before its `init`.
  func makeHandler() -> any Handler
}

extension WorkloadFlags {
  public var promise: NodePromise { NodePromise() }
}

/// Eddy's own workloads by their names.
public enum HandlerRegistry {
  /// The flags of each workload.
  public static let all: [any WorkloadFlags.Type] = [
    EchoFlags.self, UniqueIDsFlags.self, BroadcastFlags.self, GSetFlags.self, GCounterFlags.self,
    PNCounterFlags.self, KafkaFlags.self, TxnRegisterFlags.self,
  ]

  /// The flags of a workload, from its name and arguments; nil if there is no workload of that name.
  ///
  /// Throws what the parser of the flags throws.
  public static func flags(_ name: String, arguments: [String]) throws -> (any WorkloadFlags)? {
    try all.first { $0.workload == name }?.parse(arguments)
  }

  /// A maker of nodes' workloads, from a name and flags; nil if there is no workload of that name.
  ///
  /// Throws what the parser of the flags throws.
  public static func factory(_ name: String, arguments: [String]) throws -> (() -> any Handler)? {
    guard let flags = try flags(name, arguments: arguments) else { return nil }
    return { flags.makeHandler() }
  }

  /// What is wrong with the flags that ``flags(_:arguments:)`` refused, in a sentence.
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
