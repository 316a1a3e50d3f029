package import EddyNode
package import EddyTiming

/// Encodes and decodes the entries of the nemesis. No other code relates a fault to its functions.
package struct FaultCodec: Sendable {
  /// The meaning of an entry of the nemesis.
  package enum Entry {
    case start(any FaultRecord)
    case stop(Fault)
  }

  private let faults: [Fault]

  /// A codec for these faults.
  package init(_ faults: [Fault] = Fault.allCases) { self.faults = faults }

  /// The entry for the start of a fault.
  package static func start(of record: some FaultRecord, at time: Instant) -> Operation {
    entry(type(of: record).functions.start, record.startValue, at: time)
  }

  /// The entry for the end of a fault.
  package static func stop(of record: some FaultRecord, at time: Instant) -> Operation {
    entry(type(of: record).functions.stop, record.stopValue, at: time)
  }

  private static func entry(_ function: String, _ value: JSONValue?, at time: Instant) -> Operation {
    Operation(
      time: time, process: .nemesis, kind: .info, function: function,
      value: value.map { RawJSON(encoding: $0) })
  }

  /// The meaning of an entry; nil if it belongs to none of the faults.
  package func decode(_ entry: Operation) -> Entry? {
    guard !entry.isClient else { return nil }
    for fault in faults {
      let functions = fault.record.functions
      if entry.function == functions.start {
        return .start(fault.record.init(started: entry.value?.decoded()))
      }
      if entry.function == functions.stop { return .stop(fault) }
    }
    return nil
  }

  /// The values of the two entries that Jepsen writes for one of Eddy's: the request and its outcome.
  package func jepsenValues(of entry: Operation) -> [RawJSON] {
    let own = entry.value ?? RawJSON.null
    switch decode(entry) {
    case .start(let record):
      guard let values = record.jepsenStart else { return [own, own] }
      return [RawJSON(encoding: values.order), RawJSON(encoding: values.outcome)]
    case .stop(let fault):
      guard case .null = own.decoded(), let outcome = fault.record.jepsenStop else { return [own, own] }
      return [own, RawJSON(encoding: outcome)]
    case nil: return [own, own]
    }
  }
}
