import EddyHistory
import EddyNode

/// A history of registers, split by key.
struct RegisterHistories {
  struct Register {
    var key: Int32
    var trace: RegisterTrace
  }

  /// In the order in which the keys occur first.
  private(set) var registers: [Register] = []
  /// The completions whose values have another form than the protocol's.
  private(set) var malformed: [Int] = []
  private(set) var arguments: RegisterArguments
  private var indices: [Int32: Int] = [:]

  /// - Complexity: O(length of the history).
  init(_ history: History) {
    arguments = RegisterArguments(history)
    // By entry of the history: the register and the operation that it completes.
    var completes = Array(
      repeating: (register: Int32(-1), operation: Int32(-1)), count: history.operations.count)
    for index in history.operations.indices {
      let (register, operation) = completes[index]
      if register >= 0 {
        registers[Int(register)].trace.complete(Int(operation))
        continue
      }
      let entry = history.operations[index]
      guard entry.kind == .invoke, entry.isClient, let (key, step) = self.operation(entry, in: history) else {
        continue
      }
      let index = self.index(of: key)
      let number = registers[index].trace.invoke(step)
      if step.isDefinite { completes[Int(step.completion)] = (Int32(index), Int32(number)) }
    }
  }

  private mutating func index(of key: Int32) -> Int {
    if let index = indices[key] { return index }
    indices[key] = registers.count
    registers.append(Register(key: key, trace: RegisterTrace(initial: arguments.null())))
    return registers.count - 1
  }

  /// The operation of an invocation and its key; nil if it did not happen, or claims nothing.
  private mutating func operation(
    _ invocation: Operation, in history: History
  ) -> (key: Int32, operation: RegisterOperation)? {
    guard let function = Function(rawValue: invocation.function) else { return nil }
    let completion = history.completion(of: invocation)
    let isOK = completion?.kind == .ok
    if function == .read, let completion, completion.foundNoKey {
      guard let parts = arguments.parts(of: invocation.value, isPair: false) else { return nil }
      return (parts.key, .read(arguments.null(), Int32(invocation.index), Int32(completion.index)))
    }
    guard completion?.kind != .fail, isOK || function != .read else { return nil }
    let end = isOK ? Int32(completion?.index ?? 0) : RegisterOperation.never
    let value = function == .read ? completion?.value : invocation.value
    guard let parts = arguments.parts(of: value, isPair: function == .cas) else {
      if isOK { malformed.append(Int(end)) }
      return nil
    }
    let start = Int32(invocation.index)
    return switch function {
    case .read: (parts.key, .read(parts.first, start, end))
    case .write: (parts.key, .write(parts.first, start, end))
    case .cas: (parts.key, .cas(parts.first, parts.second, start, end))
    }
  }

  /// The functions of registers.
  private enum Function: String {
    case read
    case write
    case cas
  }

  /// A value as text that fits a sentence.
  func text(_ value: Int32) -> String { arguments.values.value(value).excerpt }
}

extension Operation {
  /// Whether it failed because there was no such key: a read that saw `null`.
  var foundNoKey: Bool { kind == .fail && error?.name == RPCError.keyDoesNotExist().name }
}
