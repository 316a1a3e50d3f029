import EddyNode

/// A key-value store that answers without delay, like lin-kv and seq-kv. It has the values of the input and
/// those that the node wrote.
struct Store {
  static let names: Set<String> = ["lin-kv", "seq-kv"]

  private var values: [JSONValue: RawJSON] = [:]

  mutating func put(_ value: RawJSON, under key: String) { values[.string(key)] = value }

  /// The body of a reply, without its `in_reply_to`.
  mutating func answer(_ request: Message) -> String {
    guard let key = try? request.value("key") else { return error(12) }
    let value = values[key]
    switch request.type {
    case "read":
      guard let value else { return error(20) }
      return #""type":"read_ok","value":\#(value)"#
    case "write":
      values[key] = try? request.raw("value")
      return #""type":"write_ok""#
    case "cas":
      if let value {
        guard value.decoded() == (try? request.value("from")) else { return error(22) }
      } else if (try? request.bool("create_if_not_exists")) != true {
        return error(20)
      }
      values[key] = try? request.raw("to")
      return #""type":"cas_ok""#
    default: return error(10)
    }
  }

  private func error(_ code: Int) -> String { #""type":"error","code":\#(code),"text":"no""# }
}
