import Node
import Timing
import Workloads

/// The life of one node of three, as an input tells it: the workload's name in the first line, then
/// what happens, one thing a line.
///
/// - `+250`: 250 milliseconds pass.
/// - `<{"type":"read_ok","value":1}`: the node's oldest open call is answered with this body.
/// - `*`: the node is killed and started again, with nothing.
/// - Anything else is a line on the node's standard input.
///
/// Beside not trapping, a node has to print whole messages in its own name, and to answer no request
/// more often than it was made.
struct Script {
  private static let workloads: [String: @Sendable () -> any Workload] = [
    "echo": { Echo() }, "unique-ids": { UniqueIDs() }, "broadcast": { Broadcast() }, "g-set": { GSet() },
    "g-counter": { Counter(.init(growsOnly: true)) }, "pn-counter": { Counter(.init(growsOnly: false)) },
    "kafka": { Kafka() }, "txn-rw-register": { TxnRegister() },
  ]

  /// Inputs that take a node far must stay cheap, or little is tried.
  private static let longest = 200

  private let makeWorkload: () -> any Workload
  private var node: Node
  private var now = Instant.zero
  private var lives: UInt64 = 0
  /// The node's calls that have not been answered: who was called, and the call's number.
  private var calls: [(callee: String, id: Int64)] = []
  /// How many times each client has yet to be answered a request of each number.
  private var requests: [Request: Int] = [:]

  private struct Request: Hashable {
    var client: String
    var id: Int64
  }

  /// Runs an input, if its first line names a workload.
  static func run(_ input: String) {
    let lines = input.split(separator: "\n", maxSplits: Self.longest)
    guard let name = lines.first, let makeWorkload = workloads[String(name)] else { return }
    var script = Script(makeWorkload)
    for line in lines.dropFirst().prefix(longest) { script.act(line) }
  }

  private init(_ makeWorkload: @escaping () -> any Workload) {
    self.makeWorkload = makeWorkload
    node = Node(makeWorkload(), seed: 0)
    start()
  }

  private mutating func start() {
    lives += 1
    node = Node(makeWorkload(), seed: lives, logLevel: .error)
    (calls, requests) = ([], [:])
    let cluster = #""node_id":"n0","node_ids":["n0","n1","n2"]"#
    receive(#"{"src":"c0","dest":"n0","body":{"type":"init","msg_id":1,\#(cluster)}}"#)
  }

  private mutating func act(_ line: Substring) {
    let rest = line.dropFirst()
    switch line.first {
    case "+": pass(.milliseconds(min(max(0, Int(rest) ?? 100), 10_000)))
    case "<": answerCall(rest)
    case "*": start()
    default: receive(String(line))
    }
  }

  private mutating func pass(_ time: Duration) {
    let end = now + time
    // A node with a timer that is always due would go on for ever.
    var budget = 10_000
    while let deadline = node.nextDeadline, deadline <= end {
      now = max(now, deadline)
      node.fireTimers(at: now)
      check()
      budget -= 1
      precondition(budget > 0, "a timer does not come to rest")
    }
    now = end
  }

  private mutating func answerCall(_ body: Substring) {
    guard !calls.isEmpty, body.first == "{" else { return }
    let call = calls.removeFirst()
    receive(
      #"{"src":"\#(call.callee)","dest":"n0","body":{"in_reply_to":\#(call.id),\#(body.dropFirst())}"#)
  }

  private mutating func receive(_ line: String) {
    if let message = try? Message(parsing: line), let id = message.id {
      requests[Request(client: message.source, id: id), default: 0] += 1
    }
    node.receive(line, at: now)
    check()
  }

  /// Reads what the node has printed.
  private mutating func check() {
    var output: [UInt8] = []
    node.drainOutput { output += $0 }
    _ = node.takeLog()
    precondition(output.isEmpty || output.last == UInt8(ascii: "\n"), "not a whole line")
    for line in output.split(separator: UInt8(ascii: "\n")) {
      guard let message = try? Message(parsing: Array(line)) else { preconditionFailure("not a message") }
      precondition(message.source == "n0")
      if let request = message.inReplyTo {
        let open = requests[Request(client: message.destination, id: request), default: 0]
        precondition(open > 0, "a reply to nothing")
        requests[Request(client: message.destination, id: request)] = open - 1
      }
      if let id = message.id { calls.append((message.destination, id)) }
    }
  }
}
