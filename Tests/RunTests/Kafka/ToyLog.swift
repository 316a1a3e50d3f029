import EddyNode
import EddyTiming

/// Append-only logs in memory, one right and many wrong.
final class ToyLog: Handler {
  enum Design {
    /// n0 has everything; the others pass requests on to it.
    case leader
    /// As above, but every fifth record is acknowledged and not stored.
    case forgetful
    /// As above, but a poll returns the last two records only.
    case newestOnly
    /// As above, but whoever passes a send on sends it again at once.
    case retrying
    /// As above, but every fifth send is stored and refused.
    case refusing
    /// Every node numbers what it is sent, and tells the others.
    case counterOnEachNode
    /// Every node takes the time for the offset, and tells the others.
    case localClock
    /// As above, and polls return records as they came.
    case unsorted
  }

  private let design: Design
  private var records: [String: [(offset: Int, message: RawJSON)]] = [:]
  private var committed: [String: Int] = [:]
  private var sends = 0

  init(_ design: Design) { self.design = design }

  private var isLed: Bool {
    switch design {
    case .leader, .forgetful, .newestOnly, .retrying, .refusing: true
    case .counterOnEachNode, .localClock, .unsorted: false
    }
  }

  func receive(_ message: Message, on node: Node) throws(RPCError) {
    if message.type == "replicate" {
      records[try message.string("key"), default: []]
        .append((try message.integer("offset"), try message.raw("msg")))
    } else if isLed, node.index != 0 {
      passOn(message, on: node)
    } else {
      try serve(message, on: node)
    }
  }

  private func passOn(_ request: Message, on node: Node) {
    func call(then: @escaping (Result<Message, RPCError>, Node) -> Void) {
      node.call("n0", type: "passed-on", timeout: .seconds(10)) {
        $0.field("request", request.rawBody)
      } then: {
        then($0, $1)
      }
    }
    call { result, node in
      switch result {
      case .failure(let error): node.reply(to: request, error: error)
      case .success(let reply): Self.relay(reply, to: request, on: node)
      }
    }
    if design == .retrying, request.type == "send" { call { _, _ in } }
  }

  /// Passes on the reply that another node has given.
  private static func relay(_ reply: Message, to request: Message, on node: Node) {
    switch reply.type {
    case "send_ok": node.reply(to: request, type: "send_ok") { $0.field("offset", reply.body["offset"]) }
    case "poll_ok": node.reply(to: request, type: "poll_ok") { $0.field("msgs", reply.body["msgs"]) }
    case "commit_offsets_ok": node.reply(to: request, type: "commit_offsets_ok")
    default:
      node.reply(to: request, type: "list_committed_offsets_ok") {
        $0.field("offsets", reply.body["offsets"])
      }
    }
  }

  private func serve(_ message: Message, on node: Node) throws(RPCError) {
    let request = message.type == "passed-on" ? try message.value("request") : message.body
    switch request["type"] {
    case "send": try append(request, message, on: node)
    case "poll":
      node.reply(to: message, type: "poll_ok") { $0.field("msgs", poll(request["offsets"])) }
    case "commit_offsets":
      for (key, offset) in Self.numbers(request["offsets"]) {
        committed[key] = max(committed[key] ?? 0, offset)
      }
      node.reply(to: message, type: "commit_offsets_ok")
    default:
      let offsets = committed.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.integer($0.value)) }
      node.reply(to: message, type: "list_committed_offsets_ok") { $0.field("offsets", JSONObject(offsets)) }
    }
  }

  private func append(_ request: JSONValue, _ message: Message, on node: Node) throws(RPCError) {
    guard case .string(let key)? = request["key"], let payload = request["msg"] else {
      throw .malformedRequest()
    }
    sends += 1
    let isFifth = sends % 5 == 0
    let usesClock = design == .localClock || design == .unsorted
    let next = (records[key]?.map(\.offset).max() ?? -1) + (design == .forgetful ? 1 + sends % 2 : 1)
    let offset = usesClock ? Int(node.now.nanoseconds / 1_000) : next
    if !(design == .forgetful && isFifth) {
      records[key, default: []].append((offset, RawJSON(encoding: payload)))
    }
    if !isLed { replicate(key, offset, payload, on: node) }
    if design == .refusing, isFifth { throw .abort() }
    node.reply(to: message, type: "send_ok") { $0.field("offset", offset) }
  }

  private func replicate(_ key: String, _ offset: Int, _ payload: JSONValue, on node: Node) {
    for peer in node.peers {
      node.send(to: peer, type: "replicate") {
        $0.field("key", key)
        $0.field("offset", offset)
        $0.field("msg", payload)
      }
    }
  }

  private func poll(_ offsets: JSONValue?) -> JSONObject {
    var result = JSONObject()
    for (key, offset) in Self.numbers(offsets) {
      var found = (records[key] ?? []).filter { $0.offset >= offset }
      if design != .unsorted { found.sort { $0.offset < $1.offset } }
      if design == .newestOnly { found = found.suffix(2) }
      result[key] = .array(found.map { [.integer($0.offset), $0.message.decoded()] })
    }
    return result
  }

  private static func numbers(_ object: JSONValue?) -> [(String, Int)] {
    guard case .object(let members)? = object else { return [] }
    return members.compactMap { key, value in
      if case .integer(let number) = value { (key, Int(number)) } else { nil }
    }
  }
}
