import EddyNode
import EddyTiming
import EddyWorkloads

/// What happens to one node, as an input tells it: the workload's name in the first line, then one thing
/// a line.
///
/// - `+250`: 250 milliseconds pass.
/// - `=counter/n0 [3,9]`: the node's store holds the value under the key. From then on the store is up and
///   answers what the node asks it.
/// - `-`: the store is down: nobody answers for it.
/// - `<{"type":"read_ok","value":1}`: the node's oldest open call is answered with this body.
/// - `*`: the node is killed and started again, with nothing; `*"node_id":"n1","node_ids":["n1"]`: with
///   these fields in its `init`.
/// - Anything else is a line on the node's standard input.
///
/// Beside not trapping, a node has to print whole messages in its own name, and to answer no request
/// more often than it was made.
struct Script {
  private static let workloads: [String: @Sendable () -> any Handler] = [
    "echo": { Echo() }, "unique-ids": { UniqueIDs() }, "broadcast": { Broadcast() }, "g-set": { GSet() },
    "g-counter": { Counter(.init(growsOnly: true)) }, "pn-counter": { Counter(.init(growsOnly: false)) },
    "kafka": { Kafka() }, "txn-rw-register": { TxnRegister() },
  ]

  /// Inputs that take a node far must stay cheap, or little is tried.
  private static let longest = 200

  private let makeHandler: () -> any Handler
  private var node: Node
  private var now = Instant.zero
  private var incarnations: UInt64 = 0
  /// The node's calls that have not been answered, oldest first.
  private var calls: [Message] = []
  /// How many times each client has yet to be answered a request of each number.
  private var requests: [Request: Int] = [:]
  /// What answers for the node's stores; nil while they are down.
  private var store: Store?
  /// Whom the last line was for: the name by which a node answers that has none yet.
  private var calledName = "n0"

  private struct Request: Hashable {
    var client: String
    var id: Int
  }

  /// Runs an input, if its first line names a workload.
  static func run(_ input: String) {
    let lines = input.split(separator: "\n", maxSplits: Self.longest)
    guard let name = lines.first, let makeHandler = workloads[String(name)] else { return }
    var script = Script(makeHandler)
    for line in lines.dropFirst().prefix(longest) { script.act(line) }
  }

  private init(_ makeHandler: @escaping () -> any Handler) {
    self.makeHandler = makeHandler
    node = Node(makeHandler(), seed: 0)
    start("")
  }

  /// - Parameter fields: What the `init` says; if empty, that there are three nodes.
  private mutating func start(_ fields: Substring) {
    incarnations += 1
    node = Node(makeHandler(), seed: incarnations, logLevel: .error)
    (calls, requests) = ([], [:])
    let fields = fields.isEmpty ? #""node_id":"n0","node_ids":["n0","n1","n2"]"# : fields
    receive(#"{"src":"c0","dest":"n0","body":{"type":"init","msg_id":1,\#(fields)}}"#)
  }

  private mutating func act(_ line: Substring) {
    let rest = line.dropFirst()
    switch line.first {
    case "+": pass(.milliseconds(min(max(0, Int(rest) ?? 100), 10_000)))
    case "<": answerCall(rest)
    case "=": fill(rest)
    case "-": store = nil
    case "*": start(rest)
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
}

// MARK: - Input

extension Script {
  private mutating func receive(_ line: String) {
    if let message = try? Message(parsing: line) {
      calledName = message.destination
      if let id = message.id { requests[Request(client: message.source, id: id), default: 0] += 1 }
    }
    node.receive(line, at: now)
    check()
  }

  private mutating func answerCall(_ body: Substring) {
    guard body.first == "{", !calls.isEmpty else { return }
    answer(calls.removeFirst(), String(body.dropFirst()))
    check()
  }

  /// - Parameter rest: The reply's body behind its `in_reply_to`, and the brace that ends it.
  private func answer(_ call: Message, _ rest: String) {
    guard let id = call.id else { return }
    node.receive(
      #"{"src":"\#(call.destination)","dest":"n0","body":{"in_reply_to":\#(id),\#(rest)}"#, at: now)
  }

  private mutating func fill(_ line: Substring) {
    let parts = line.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, let value = try? RawJSON(parsing: String(parts[1])) else { return }
    store = store ?? Store()
    store?.put(value, under: String(parts[0]))
    check()
  }
}

// MARK: - Output

extension Script {
  /// Reads what the node has printed, and lets the store answer until nothing is asked any more.
  private mutating func check() {
    var budget = 10_000
    read()
    while store != nil, let place = calls.firstIndex(where: { Store.names.contains($0.destination) }) {
      let call = calls.remove(at: place)
      if let body = store?.answer(call) { answer(call, body + "}") }
      read()
      budget -= 1
      precondition(budget > 0, "the node asks its store without end")
    }
  }

  private mutating func read() {
    var output: [UInt8] = []
    node.drainOutput { output += $0 }
    _ = node.takeLog()
    precondition(output.isEmpty || output.last == UInt8(ascii: "\n"), "not a whole line")
    for line in output.split(separator: UInt8(ascii: "\n")) {
      guard let message = try? Message(parsing: Array(line)) else { preconditionFailure("not a message") }
      precondition(message.source == (node.id.isEmpty ? calledName : node.id), "not in its own name")
      if let request = message.inReplyTo {
        let open = requests[Request(client: message.destination, id: request), default: 0]
        precondition(open > 0, "a reply to nothing")
        requests[Request(client: message.destination, id: request)] = open - 1
      }
      if message.id != nil { calls.append(message) }
    }
  }
}
