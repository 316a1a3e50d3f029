/// A kind of fault; `--nemesis`.
///
/// This is the registry of faults. Each fault has two files: its record, for histories and reports, in this
/// folder (`FaultRecord`), and its injection (`InjectableFault`, in the module Run).
public struct Fault: RawRepresentable, Hashable, Sendable, CaseIterable {
  /// All faults, in the order in which they are listed and drawn.
  public static let allCases: [Fault] = [.partition, .kill, .pause, .loss, .duplicate]

  /// The type of its records in a history.
  package let record: any FaultRecord.Type

  /// The fault with this type of records.
  package init(_ record: any FaultRecord.Type) { self.record = record }

  /// The fault with this name; nil if there is none.
  public init?(rawValue: String) {
    guard let fault = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = fault
  }

  /// The name, such as `partition`.
  public var rawValue: String { record.name }
}

extension Fault: CustomStringConvertible {
  public var description: String { rawValue }
}
