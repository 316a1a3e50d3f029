/// What can be made to go wrong; `--nemesis`.
///
/// This is the catalogue of faults. Each has two files: what it is, in a history and in words, beside
/// this one (`FaultRecord`), and how a run brings it about (`InjectableFault`, in the module that runs).
public struct Fault: RawRepresentable, Hashable, Sendable, CaseIterable {
  /// All that `--nemesis` offers and histories are searched for, in the order in which they are listed and
  /// drawn.
  public static let allCases: [Fault] = [.partition, .kill, .pause, .loss, .duplicate]

  /// What stands for it in a history.
  package let record: any FaultRecord.Type

  /// The fault that a type of records stands for.
  package init(_ record: any FaultRecord.Type) { self.record = record }

  /// The fault of this name; nil if none has it.
  public init?(rawValue: String) {
    guard let fault = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = fault
  }

  /// Its name, such as `partition`.
  public var rawValue: String { record.name }
}

extension Fault: CustomStringConvertible {
  public var description: String { rawValue }
}
