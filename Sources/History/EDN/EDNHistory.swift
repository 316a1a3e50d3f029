import EddyNode
import EddyTiming

/// The text of `history.edn`: one operation a line, as Jepsen writes it, for Jepsen's own tools.
///
///     {:index 0, :time 12000000, :type :invoke, :process 0, :f :broadcast, :value 7}
///
/// A fault is one entry of ours and two of Jepsen's, the order and what it came to: written here it is
/// two, and all entries behind it have a higher index than in `history.jsonl`. `:node` and `:client`
/// are Eddy's own.
package enum EDNHistory {
  /// Hands over the text, line by line. O(length of the history).
  package static func encode<Failure>(
    _ history: History, _ take: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    var writer = EDNWriter()
    var index = 0
    var nemesis = NemesisPairing()
    for (place, operation) in history.operations.enumerated() {
      for value in operation.isClient ? [nil] : nemesis.values(of: operation, at: place, in: history) {
        writer.removeAll()
        writer.write(operation, index: index, nemesisValue: value)
        writer.append("}\n")
        try take(writer.bytes)
        index += 1
      }
    }
  }
}

/// Tells which entries of the nemesis come in pairs already, as those that Jepsen recorded do.
private struct NemesisPairing {
  private var isSecond = false

  /// The values under which an entry is to be written: its own, or one for each half of a pair.
  package mutating func values(of entry: Operation, at place: Int, in history: History) -> [RawJSON?] {
    let own = entry.value ?? RawJSON.null
    if isSecond {
      isSecond = false
      return [own]
    }
    let next = history.operations[(place + 1)...].first { !$0.isClient }
    isSecond = next?.function == entry.function
    if isSecond { return [own] }
    switch (entry.function, own.decoded()) {
    case ("start-partition", let value):
      guard let kind = value["kind"], let isolated = value["isolated"] else { return [own, own] }
      return [RawJSON(encoding: kind), RawJSON(encoding: ["isolated", isolated] as JSONValue)]
    case ("stop-partition", .null): return [own, RawJSON(string: "network-healed")]
    default: return [own, own]
    }
  }
}

extension EDNWriter {
  /// Everything but the closing bracket.
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
      // Maelstrom has the whole reply here.
      append("{:echo ")
      self.value(value)
      return append(", :type \"echo_ok\"}")
    }
    guard ["txn", "send", "poll"].contains(operation.function), let parts = Self.parts(value) else {
      return self.value(value)
    }
    append("[")
    for (place, part) in parts.enumerated() {
      if place > 0 { append(" ") }
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

  /// The micro-operations of a transaction; nil if the value is no list of such.
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
