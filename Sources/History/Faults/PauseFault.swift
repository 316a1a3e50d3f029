extension Fault {
  /// Nodes are stopped, and later resumed.
  public static let pause = Fault(PauseFault.self)
}

/// Nodes that are paused and keep their state in memory.
package struct PauseFault: VictimFault {
  package static let name = "pause"
  package static let functions = (start: "pause", stop: "resume")
  package static let tint = FaultTint.paused
  package static let condition = "paused"
  package static let legend = "paused"

  package var victims: [String]

  package init(victims: [String]) { self.victims = victims }
}
