import EddyTiming

/// Makes a history from the entries of a file, which may be damaged, truncated or from another tool.
///
/// It checks the preconditions of ``History/append(_:)``, so that a bad file is an error, not a trap.
package struct HistoryImporter {
  package private(set) var history = History()
  /// The number of entries with another index in the file than in the history: a part of the file is missing,
  /// or it was joined from several files.
  package private(set) var renumberedCount = 0
  /// The number of completions without an invocation.
  package private(set) var orphanCount = 0
  /// By process: the function of its open invocation.
  private var open: [Operation.Process: String] = [:]

  package init() {}

  /// Appends an entry. Throws if the fields are incomplete or the process cannot have this entry now.
  package mutating func append(_ fields: UncheckedOperation) throws(UncheckedOperation.Malformed) {
    let operation = try fields.operation(after: history.operations.last?.time ?? .zero)
    if operation.isClient {
      if operation.kind == .invoke {
        guard open.updateValue(operation.function, forKey: operation.process) == nil else {
          throw .init(reason: "the process has not completed its last operation")
        }
      } else if let invoked = open.removeValue(forKey: operation.process) {
        guard invoked == operation.function else {
          throw .init(reason: "the process completes \(operation.function), but has invoked \(invoked)")
        }
      } else {
        orphanCount += 1
      }
    }
    if let index = fields.index, index != history.operations.count { renumberedCount += 1 }
    history.append(operation)
  }
}
