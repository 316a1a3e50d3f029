import EddyNode

/// A key-value store. Keys and values are any JSON, equal if their meanings are.
struct KeyValueMachine: StateMachine {
  private var values: [CanonicalJSON: RawJSON] = [:]

  init() {}

  mutating func execute(_ command: KeyValueCommand, wantsReply: Bool) -> Outcome? {
    let effect = command.request.effect(on: values[command.request.key])
    if let written = effect.written { values[command.request.key] = written }
    return wantsReply ? Self.outcome(effect) : nil
  }

  func outcomeWithoutChange(_ command: KeyValueCommand) -> Outcome? {
    let effect = command.request.effect(on: values[command.request.key])
    return effect.written == nil ? Self.outcome(effect) : nil
  }

  private static func outcome(_ effect: KeyValueRequest.Effect) -> Outcome {
    effect.reply.map {
      switch $0 {
      case .read(let value): ClientReply("read_ok", ("value", value))
      case .write: ClientReply("write_ok")
      case .compareAndSet: ClientReply("cas_ok")
      }
    }
  }

  /// Keys and values alternate, in the order of the keys.
  func writeSnapshot(to writer: inout JSONWriter) {
    writer.array {
      for key in values.keys.sorted() {
        $0.value(key.json)
        $0.value(values[key]!)
      }
    }
  }

  init(restoring snapshot: inout JSONReader) throws(JSONError) {
    try snapshot.beginArray()
    while try snapshot.nextElement() {
      let key = CanonicalJSON(try snapshot.readRaw())
      guard try snapshot.nextElement() else { break }
      values[key] = try snapshot.readRaw()
    }
  }
}

/// A request to the store as a command.
///
///     ["read", 1]   ["write", 1, "x"]   ["cas", 1, "x", "y"]   ["create", 1, "x", "y"]
struct KeyValueCommand: ReplicatedCommand {
  var request: KeyValueRequest

  init(request: Message) throws(RPCError) {
    switch request.type {
    case "read", "write", "cas": self.request = try KeyValueRequest(request)
    default: throw .notSupported(type: request.type)
    }
  }

  var isReadOnly: Bool { if case .read = request.action { true } else { false } }

  func dependsOn(_ pending: KeyValueCommand) -> Bool {
    request.key == pending.request.key && !pending.isReadOnly
  }

  func encode(into writer: inout JSONWriter) {
    let key = request.key.json
    writer.array {
      switch request.action {
      case .read:
        $0.value("read")
        $0.value(key)
      case .write(let value):
        $0.value("write")
        $0.value(key)
        $0.value(value)
      case .compareAndSet(let from, let to, let creates):
        $0.value(creates ? "create" : "cas")
        $0.value(key)
        $0.value(from)
        $0.value(to)
      }
    }
  }

  init(reading reader: inout JSONReader) throws(JSONError) {
    try reader.beginArray()
    let type = try reader.nextElement() ? try reader.readString() : ""
    var values: [RawJSON] = []
    while try reader.nextElement() { values.append(try reader.readRaw()) }
    // What is missing is null: only a node writes commands.
    while values.count < 3 { values.append(.null) }
    let action: KeyValueRequest.Action =
      switch type {
      case "write": .write(values[1])
      case "cas": .compareAndSet(from: values[1], to: values[2], createIfNotExists: false)
      case "create": .compareAndSet(from: values[1], to: values[2], createIfNotExists: true)
      default: .read
      }
    request = KeyValueRequest(key: CanonicalJSON(values[0]), action)
  }
}
