import EddyTiming

/// Makes a history of entries that come from a file, which may be damaged, cut or another tool's.
///
/// What ``History/append(_:)`` demands of its caller is checked here, so that a bad file is an error and
/// not a trap.
package struct HistoryBuilder {
  package private(set) var history = History()
  /// How many entries have another index in the file than in the history: part of the file is missing,
  /// or it was made of several.
  package private(set) var renumberedCount = 0
  /// How many completions have no invocation before them.
  package private(set) var orphanCount = 0
  /// What each process has invoked and not completed.
  private var open: [Operation.Process: String] = [:]

  package init() {}

  /// Appends the entry that the fields make.
  package mutating func append(_ fields: OperationFields) throws(OperationFields.Malformed) {
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
