extension Fault {
  /// Nodes are killed, and later started again.
  public static let kill = Fault(KillFault.self)
}

/// Nodes that are killed and lose their state in memory.
package struct KillFault: VictimFault {
  package static let name = "kill"
  package static let functions = (start: "kill", stop: "start")
  package static let tint = FaultTint.down
  package static let condition = "down"
  package static let pastCondition = "down (killed)"
  package static let legend = "killed"

  package var victims: [String]

  package init(victims: [String]) { self.victims = victims }
}
