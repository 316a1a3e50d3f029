import EddyNode

/// Lists of JSON values by key.
///
/// A list is kept as the text of its elements. An append adds to the text, and a read copies it into the reply: no
/// transaction copies a list otherwise.
struct ListMachine: StateMachine {
  private var lists: [CanonicalJSON: ElementText] = [:]

  /// The elements of a list as JSON, with commas between them.
  private struct ElementText {
    var bytes: [UInt8] = []

    mutating func append(_ element: RawJSON) {
      if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: element.bytes)
    }
  }

  init() {}

  mutating func execute(_ command: ListTransaction, wantsReply: Bool) -> Outcome? {
    var writer = JSONWriter()
    writer.array {
      for operation in command.operations {
        if let element = operation.element { lists[operation.key, default: ElementText()].append(element) }
        if wantsReply { write(operation, to: &$0) }
      }
    }
    return wantsReply ? Self.outcome(writer) : nil
  }

  func outcomeWithoutChange(_ command: ListTransaction) -> Outcome? {
    guard command.isReadOnly else { return nil }
    var writer = JSONWriter()
    writer.array { for operation in command.operations { write(operation, to: &$0) } }
    return Self.outcome(writer)
  }

  /// Writes a completed operation: a read with the list as it is now.
  private func write(_ operation: ListTransaction.Operation, to writer: inout JSONWriter) {
    writer.array {
      $0.value(operation.element == nil ? "r" : "append")
      $0.value(operation.spelledKey)
      if let element = operation.element {
        $0.value(element)
      } else if let list = lists[operation.key] {
        $0.array { $0.encoded(list.bytes[...]) }
      } else {
        $0.null()
      }
    }
  }

  private static func outcome(_ transaction: borrowing JSONWriter) -> Outcome {
    .success(ClientReply("txn_ok", ("txn", RawJSON(written: transaction))))
  }

  /// Keys and lists alternate, in the order of the keys.
  func writeSnapshot(to writer: inout JSONWriter) {
    writer.array {
      for key in lists.keys.sorted() {
        $0.value(key.json)
        $0.array { $0.encoded(lists[key]!.bytes[...]) }
      }
    }
  }

  init(restoring snapshot: inout JSONReader) throws(JSONError) {
    try snapshot.beginArray()
    while try snapshot.nextElement() {
      let key = CanonicalJSON(try snapshot.readRaw())
      guard try snapshot.nextElement() else { break }
      try snapshot.beginArray()
      var list = ElementText()
      while try snapshot.nextElement() { list.append(try snapshot.readRaw()) }
      lists[key] = list
    }
  }
}

/// A transaction as a command, in the form in which clients write it.
struct ListTransaction: ReplicatedCommand {
  /// `["r", key, null]` or `["append", key, element]`.
  struct Operation {
    var key: CanonicalJSON
    /// The key as the client has written it.
    var spelledKey: RawJSON
    /// What is appended; nil for a read.
    var element: RawJSON?

    init(_ parts: [RawJSON]) throws(RPCError) {
      guard parts.count == 3 else {
        throw .malformedRequest("a micro-operation is a function, a key and a value")
      }
      switch parts[0].decoded() {
      case "r": element = nil
      case "append": element = parts[2]
      default: throw .malformedRequest("a micro-operation is \"r\" or \"append\", not \(parts[0])")
      }
      spelledKey = parts[1]
      key = CanonicalJSON(parts[1])
    }
  }

  var operations: [Operation] = []

  init(request: Message) throws(RPCError) {
    guard request.type == "txn" else { throw .notSupported(type: request.type) }
    for parts in try request.value("txn", as: [[RawJSON]].self) { operations.append(try Operation(parts)) }
  }

  var isReadOnly: Bool { operations.allSatisfy { $0.element == nil } }

  func dependsOn(_ pending: ListTransaction) -> Bool {
    operations.contains { operation in
      pending.operations.contains { $0.element != nil && $0.key == operation.key }
    }
  }

  func encode(into writer: inout JSONWriter) {
    writer.array {
      for operation in operations {
        $0.array {
          $0.value(operation.element == nil ? "r" : "append")
          $0.value(operation.spelledKey)
          $0.value(operation.element ?? .null)
        }
      }
    }
  }

  init(reading reader: inout JSONReader) throws(JSONError) {
    for parts in try [[RawJSON]](reading: &reader) {
      // Only a node writes commands, of operations that it has checked.
      if let operation = try? Operation(parts) { operations.append(operation) }
    }
  }
}
