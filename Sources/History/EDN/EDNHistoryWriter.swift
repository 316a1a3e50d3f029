import EddyNode
import EddyTiming

/// The text of `history.edn`: one operation per line in Jepsen's format, for Jepsen's tools.
///
///     {:index 0, :time 12000000, :type :invoke, :process 0, :f :broadcast, :value 7}
///
/// Eddy has one entry for the start or stop of a fault, Jepsen has two: the request and its outcome. Two are
/// written, so all later entries have a higher index than in `history.jsonl`. `:node` and `:client` are
/// Eddy's additions.
package enum EDNHistoryWriter {
  /// Passes the text to `take`, line by line. O(length of the history).
  package static func encode<Failure>(
    _ history: History, _ take: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    var writer = EDNWriter()
    var index = 0
    var nemesis = NemesisPairing()
    for operation in history.operations {
      for value in operation.isClient ? [nil] : nemesis.values(of: operation, in: history) {
        writer.removeAll()
        writer.write(operation, index: index, nemesisValue: value)
        writer.append("}\n")
        try take(writer.bytes)
        index += 1
      }
    }
  }
}

/// Detects entries of the nemesis that are in pairs already, as in histories that Jepsen recorded.
private struct NemesisPairing {
  private let codec = FaultCodec()
  private var isSecond = false

  /// The values with which to write an entry: its own if it belongs to a pair, else one for each entry of the
  /// pair to write. Call it once for each entry, in order.
  package mutating func values(of entry: Operation, in history: History) -> [RawJSON?] {
    if isSecond {
      isSecond = false
      return [entry.value]
    }
    let next = history.operations[(entry.index + 1)...].first { !$0.isClient }
    isSecond = next?.function == entry.function
    if isSecond { return [entry.value] }
    return codec.jepsenValues(of: entry)
  }
}

extension EDNWriter {
  /// Writes the entry without the closing brace.
  fileprivate mutating func write(_ operation: Operation, index: Int, nemesisValue: RawJSON?) {
    append(
      "{:index \(index), :time \(operation.time.nanoseconds), :type :\(operation.kind.rawValue), :process ")
    switch operation.process {
    case .client(let number): append("\(number)")
    case .nemesis: append(":nemesis")
    }
    append(", :f ")
    keyword(operation.function)
    append(", :value ")
    if let nemesisValue { write(ofNemesis: nemesisValue) } else { write(valueOf: operation) }
    if operation.isFinal {
      append(operation.function == "assign" ? ", :seek-to-beginning? true" : ", :final? true")
    }
    if let error = operation.error {
      append(", :error ")
      write(error)
    }
    if let node = operation.node {
      append(", :node ")
      string(node)
    }
    if let client = operation.client {
      append(", :client ")
      string(client)
    }
  }

  private mutating func write(valueOf operation: Operation) {
    guard let value = operation.value else { return append("nil") }
    if operation.function == "echo", operation.kind == .ok {
      // Maelstrom's value is the whole reply.
      append("{:echo ")
      self.value(value)
      return append(", :type \"echo_ok\"}")
    }
    guard ["txn", "send", "poll"].contains(operation.function), let parts = Self.parts(value) else {
      return self.value(value)
    }
    append("[")
    for (index, part) in parts.enumerated() {
      if index > 0 { append(" ") }
      append("[")
      keyword(part.name)
      for argument in part.arguments {
        append(" ")
        self.value(argument, .stringKeys)
      }
      append("]")
    }
    append("]")
  }

  /// The micro-operations of a transaction; nil if the value is not a list of them.
  private static func parts(_ value: RawJSON) -> [(name: String, arguments: [RawJSON])]? {
    var reader = value.reader
    return try? reader.readArray { (reader) throws(JSONError) in
      try reader.beginArray()
      _ = try reader.nextElement()
      let name = try reader.readString()
      var arguments: [RawJSON] = []
      while try reader.nextElement() { arguments.append(try reader.readRaw()) }
      return (name, arguments)
    }
  }

  private mutating func write(ofNemesis value: RawJSON) {
    guard case .array(let parts) = value.decoded(), parts.count == 2, parts[0] == "isolated" else {
      return self.value(value, value.reader.peek() == .string ? .keywords : .stringKeys)
    }
    append("[:isolated ")
    self.value(RawJSON(encoding: parts[1]), .sets)
    append("]")
  }

  private mutating func write(_ error: OperationError) {
    switch (error.name, error.text) {
    case ("indeterminate", let text?): string("indeterminate: \(text)")
    case ("error", let text?): string(text)
    case (let name, nil): keyword(name)
    case (let name, let text?):
      append("[")
      keyword(name)
      append(" ")
      string(text)
      append("]")
    }
  }
}
