package import EddyHistory
import EddyNode
import EddyTiming

/// A history of kafka clients as a test writes it: whole operations one after the other.
package struct KafkaScript {
  package private(set) var history = History()
  private var milliseconds = 0

  package init(_ build: (inout KafkaScript) -> Void) { build(&self) }

  /// A message sent and acknowledged at an offset.
  package mutating func send(_ process: Int, _ key: String, _ message: Int, at offset: Int) {
    invoke(process, "send", #"[["send","\#(key)",\#(message)]]"#)
    complete(process, .ok, "send", #"[["send","\#(key)",[\#(offset),\#(message)]]]"#)
  }

  /// A message sent that was not acknowledged.
  package mutating func send(_ process: Int, _ key: String, _ message: Int, _ outcome: Operation.Kind) {
    invoke(process, "send", #"[["send","\#(key)",\#(message)]]"#)
    complete(process, outcome, "send", #"[["send","\#(key)",\#(message)]]"#)
  }

  /// A poll of one key that returned records, as pairs of offset and message.
  package mutating func poll(_ process: Int, _ key: String, _ records: (Int, Int)...) {
    invoke(process, "poll", #"[["poll"]]"#)
    let list = records.map { "[\($0.0),\($0.1)]" }.joined(separator: ",")
    complete(process, .ok, "poll", #"[["poll",{"\#(key)":[\#(list)]}]]"#)
  }

  package mutating func assign(_ process: Int, _ keys: String...) {
    let list = "[" + keys.map { #""\#($0)""# }.joined(separator: ",") + "]"
    invoke(process, "assign", list)
    complete(process, .ok, "assign", list)
  }

  /// Any operation that succeeded.
  package mutating func ok(_ process: Int, _ function: String, _ argument: String, _ result: String) {
    invoke(process, function, argument)
    complete(process, .ok, function, result)
  }

  package mutating func invoke(_ process: Int, _ function: String, _ value: String) {
    append(process, .invoke, function, value)
  }

  package mutating func complete(_ process: Int, _ kind: Operation.Kind, _ function: String, _ value: String)
  {
    append(process, kind, function, value, error: kind == .ok ? nil : OperationError(name: "net-timeout"))
  }

  private mutating func append(
    _ process: Int, _ kind: Operation.Kind, _ function: String, _ value: String, error: OperationError? = nil
  ) {
    milliseconds += 1
    history.append(
      Operation(
        time: milliseconds.ms, process: .client(process), kind: kind, function: function, value: value.json,
        error: error, node: "n\(process % 2)"))
  }
}
