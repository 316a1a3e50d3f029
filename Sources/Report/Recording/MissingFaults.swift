public import EddyHistory
import EddyNode

extension History {
  /// Says which of the faults that were asked for never happened, in a sentence; nil if all did.
  ///
  /// A verdict says nothing about faults that were not there, so whoever reads it has to know. A
  /// partition that cuts nobody off, as with one node, has not happened either.
  public func missingFaults(among asked: [Fault]) -> String? {
    var happened: Set<Fault> = []
    for interval in faults where interval.record.isEffective { happened.insert(interval.fault) }
    let missing = asked.filter { !happened.contains($0) }.map(\.rawValue)
    guard !missing.isEmpty else { return nil }
    return "Faults that were asked for and never happened: \(missing.joined(separator: ", "))."
  }
}

extension Report {
  /// The sentence on faults that never happened, from the options that the report shows.
  var missingFaults: String? {
    guard case .array(let asked)? = options["nemesis"] else { return nil }
    return recording.history.missingFaults(
      among: asked.compactMap { if case .string(let name) = $0 { Fault(rawValue: name) } else { nil } })
  }
}
