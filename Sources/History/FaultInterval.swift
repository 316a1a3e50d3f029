import EddyNode
package import EddyTiming

/// A fault from its start to its end, as the nemesis wrote it into the history.
package struct FaultInterval {
  package var fault: Fault
  package var start: Instant
  /// Nil if the fault was in force when the history ended.
  package var end: Instant?
  /// The nodes killed or paused, by their names.
  package var victims: [String] = []
  /// For a partition, each node with those whose messages it does not get.
  package var deafTo: [(receiver: String, senders: [String])] = []
  /// How it is called where it is drawn, such as `partition (majority)` or `loss 12 %`.
  package var label: String

  package func overlaps(_ window: ClosedRange<Instant>) -> Bool {
    start <= window.upperBound && (end.map { $0 >= window.lowerBound } ?? true)
  }
}

extension History {
  /// All faults in the order of their starts.
  package var faults: [FaultInterval] {
    var intervals: [FaultInterval] = []
    var open: [Fault: Int] = [:]
    for entry in operations where !entry.isClient {
      if let fault = FaultInterval.ended(by: entry.function) {
        if let index = open.removeValue(forKey: fault) { intervals[index].end = entry.time }
      } else if let interval = FaultInterval(startedBy: entry) {
        if let index = open[interval.fault] {
          if intervals[index].take(outcome: interval) { continue }
          // A fault that starts while one of its kind is in force takes its place.
          intervals[index].end = entry.time
        }
        open[interval.fault] = intervals.count
        intervals.append(interval)
      }
    }
    return intervals
  }
}

extension FaultInterval {
  /// The fault that a nemesis function ends.
  fileprivate static func ended(by function: String) -> Fault? {
    switch function {
    case "stop-partition": .partition
    case "start": .kill
    case "resume": .pause
    case "stop-loss": .loss
    case "stop-duplicate": .duplicate
    default: nil
    }
  }

  /// The fault that an entry of the nemesis starts.
  fileprivate init?(startedBy entry: Operation) {
    let value = entry.value?.decoded()
    switch entry.function {
    case "start-partition":
      self.init(fault: .partition, start: entry.time, label: "partition")
      if case .string(let kind)? = value?["kind"] { label += " (\(kind))" }
      if case .string(let kind)? = value { label += " (\(kind))" }
      if case .object(let isolated)? = value?["isolated"] ?? value?[1] {
        deafTo = isolated.map { ($0.key, $0.value.strings) }
      }
    case "kill", "pause":
      let fault = entry.function == "kill" ? Fault.kill : .pause
      let victims = value?.victims ?? []
      self.init(
        fault: fault, start: entry.time, victims: victims,
        label: "\(fault.rawValue) \(victims.joined(separator: " "))")
    case "start-loss", "start-duplicate":
      let fault = entry.function == "start-loss" ? Fault.loss : .duplicate
      self.init(fault: fault, start: entry.time, label: fault.rawValue)
      if case .string(let share)? = value { label += " \(share)" }
    default: return nil
    }
  }

  /// Jepsen writes two entries for a fault: what was ordered, and what it came to. Takes the second; false
  /// if it is none of this fault's.
  fileprivate mutating func take(outcome: FaultInterval) -> Bool {
    guard deafTo.isEmpty, victims.isEmpty, !outcome.deafTo.isEmpty || !outcome.victims.isEmpty else {
      return false
    }
    deafTo = outcome.deafTo
    victims = outcome.victims
    if fault != .partition { label = outcome.label }
    return true
  }

  /// The sets of nodes within which all hear each other, if the partition is made of such; empty if
  /// who hears whom is no matter of sides, as in a ring of majorities.
  package func components(of nodes: [String]) -> [[String]] {
    var deaf: [String: Set<String>] = [:]
    for (receiver, senders) in deafTo { deaf[receiver] = Set(senders) }
    var components: [[String]] = []
    for node in nodes {
      let unheard = deaf[node] ?? []
      if let home = components.firstIndex(where: {
        !unheard.contains($0[0]) && deaf[$0[0]]?.contains(node) != true
      }) {
        components[home].append(node)
      } else {
        components.append([node])
      }
    }
    let isMadeOfSides = components.allSatisfy { component in
      let others = Set(nodes).subtracting(component)
      return component.allSatisfy { deaf[$0] ?? [] == others }
    }
    return isMadeOfSides ? components : []
  }
}

extension JSONValue {
  /// The nodes killed or paused: a list of ours, and in Jepsen's histories a map from each to what became
  /// of it.
  fileprivate var victims: [String] { if case .object(let nodes) = self { nodes.keys } else { strings } }

  /// The strings of an array of strings; empty for anything else.
  fileprivate var strings: [String] {
    guard case .array(let elements) = self else { return [] }
    return elements.compactMap { if case .string(let string) = $0 { string } else { nil } }
  }
}
