import EddyNode
import EddyTiming

/// A node, by default the first of two, to which the test is everybody else: its clients, its peers
/// and its stores, which answer when, in what order and how the test likes.
final class ScriptedNode {
  private let node: Node
  private let name: String
  private var now = Instant.zero
  private var nextRequestID = 1
  /// What it has sent and nobody has taken yet.
  private var sent: [Message] = []

  init(_ workload: any Handler, place: Int = 0, of count: Int = 2, seed: UInt64 = 1) {
    node = Node(workload, seed: seed)
    name = "n\(place)"
    let cluster = (0..<count).map { JSONValue.string("n\($0)") }
    receive("init", ["node_id": .string(name), "node_ids": .array(cluster)], from: "c0")
    _ = take("init_ok")
  }

  /// Hands it a message that is no reply. Returns its `msg_id`.
  @discardableResult
  func receive(_ type: String, _ fields: JSONObject = [:], from source: String = "c1") -> Int {
    defer { nextRequestID += 1 }
    deliver(fields, ["type": .string(type), "msg_id": JSONValue(nextRequestID)], from: source)
    return Int(nextRequestID)
  }

  /// Answers what it has asked.
  func answer(_ request: Message, _ type: String, _ fields: JSONObject = [:]) {
    let id = request.id.map { JSONValue.integer($0) } ?? .null
    deliver(fields, ["type": .string(type), "in_reply_to": id], from: request.destination)
  }

  /// Answers what it has asked with an error.
  func answer(_ request: Message, error code: Int) {
    answer(request, "error", ["code": JSONValue(code), "text": "as the test would have it"])
  }

  /// Lets time pass in which nobody says anything.
  func advance(by duration: Duration) {
    let end = now + duration
    while let next = node.nextDeadline, next <= end {
      now = max(now, next)
      node.fireTimers(at: now)
    }
    now = end
    collect()
  }

  /// Lets time pass in which it does nothing, as in a process that is frozen.
  func stall(for duration: Duration) { now = now + duration }

  /// Takes the oldest message of a type that it has sent and that has not been taken yet.
  func take(_ type: String) -> Message? {
    sent.firstIndex { $0.type == type }.map { sent.remove(at: $0) }
  }

  private func deliver(_ fields: JSONObject, _ body: JSONObject, from source: String) {
    var body = body
    for (name, value) in fields { body[name] = value }
    let line: JSONValue = ["src": .string(source), "dest": .string(name), "body": .object(body)]
    node.receive(line.description, at: now)
    collect()
  }

  private func collect() {
    node.drainOutput { output in
      for line in output.split(separator: UInt8(ascii: "\n")) {
        guard let message = try? Message(parsing: Array(line)) else {
          preconditionFailure("it sent \(String(decoding: line, as: UTF8.self))")
        }
        sent.append(message)
      }
    }
  }
}
