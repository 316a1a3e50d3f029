public import EddyHistory
import EddyNode

extension History {
  /// A sentence with the requested faults that never occurred; nil if all did.
  ///
  /// A verdict does not cover faults that never occurred. A partition that separates no nodes, as with one
  /// node, counts as never occurred.
  public func missingFaults(among requested: [Fault]) -> String? {
    var happened: Set<Fault> = []
    for interval in faults where interval.record.isEffective { happened.insert(interval.fault) }
    let missing = requested.filter { !happened.contains($0) }.map(\.rawValue)
    guard !missing.isEmpty else { return nil }
    return "Requested faults that never occurred: \(missing.joined(separator: ", "))."
  }
}

extension Report {
  /// ``History/missingFaults(among:)`` for the faults in the report's options.
  var missingFaults: String? {
    guard case .array(let requested)? = options["nemesis"] else { return nil }
    return recording.history.missingFaults(
      among: requested.compactMap { if case .string(let name) = $0 { Fault(rawValue: name) } else { nil } })
  }
}
