import EddyNode
import EddyTiming
import EddyWorkloads

/// A script of events for one node, parsed from an input: the workload's name on the first line, with `disk` after
/// it if the node has a disk, then one event per line.
///
/// - `+250`: 250 milliseconds pass.
/// - `=counter/n0 [3,9]`: the node's store has the value under the key. From then on the store is up and
///   answers the node's requests.
/// - `-`: the store is down and answers nothing.
/// - `<{"type":"read_ok","value":1}`: this body answers the node's oldest open call.
/// - `*`: the node is killed and restarted, without state or with what its disk holds;
///   `*"node_id":"n1","node_ids":["n1"]`: with these fields in its `init`.
/// - `~`: the disk is full, or has room again.
/// - Anything else is a line on the node's standard input.
///
/// The node must not trap, must print complete messages with its own name as source, and must not answer a
/// request more often than it was received.
struct Script {
  private static let workloads: [String: @Sendable () -> any Handler] = [
    "echo": { Echo() }, "unique-ids": { UniqueIDs() }, "broadcast": { Broadcast() }, "g-set": { GSet() },
    "g-counter": { Counter(.init(growsOnly: true)) }, "pn-counter": { Counter(.init(growsOnly: false)) },
    "kafka": { Kafka() }, "txn-rw-register": { TxnRegister() }, "lin-kv": { LinKV() },
    "txn-list-append": { TxnListAppend() },
  ]

  /// The maximum number of lines executed, so that inputs stay cheap and the fuzzer tries many.
  private static let lineLimit = 200

  private let makeHandler: () -> any Handler
  private var node: Node
  private var now = Instant.zero
  private var incarnations: UInt64 = 0
  /// The node's unanswered calls, the oldest first.
  private var calls: [Message] = []
  /// By client and message id: the number of requests that have not been answered.
  private var requests: [Request: Int] = [:]
  /// The store that answers under all names; nil while it is down.
  private var store: Store?
  /// The node's disk; nil if it has none.
  private var disk: Disk?
  /// The destination of the last line, which is the source of replies before `init`.
  private var calledName = "n0"

  private struct Request: Hashable {
    var client: String
    var id: Int
  }

  /// Runs an input if its first line is the name of a workload.
  static func run(_ input: String) {
    let lines = input.split(separator: "\n", maxSplits: Self.lineLimit)
    let words = lines.first?.split(separator: " ") ?? []
    guard let name = words.first, let makeHandler = workloads[String(name)] else { return }
    var script = Script(makeHandler, words.dropFirst().first == "disk" ? Disk() : nil)
    for line in lines.dropFirst().prefix(lineLimit) { script.act(line) }
  }

  private init(_ makeHandler: @escaping () -> any Handler, _ disk: Disk?) {
    self.makeHandler = makeHandler
    self.disk = disk
    node = Node(makeHandler(), seed: 0)
    start("")
  }

  /// - Parameter fields: The fields of the `init`; if empty, those of the first of three nodes.
  private mutating func start(_ fields: Substring) {
    incarnations += 1
    disk?.restart()
    node = Node(
      makeHandler(), seed: incarnations, logLevel: .error, storage: disk.map { NodeStorage($0.contents) })
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
    case "~":
      disk?.isFull.toggle()
      check()
    case "*": start(rest)
    default: receive(String(line))
    }
  }

  private mutating func pass(_ time: Duration) {
    let end = now + time
    // Ends the loop for a timer that is always due.
    var budget = 10_000
    while let deadline = node.nextDeadline, deadline <= end {
      now = max(now, deadline)
      node.fireTimers(at: now)
      check()
      budget -= 1
      precondition(budget > 0, "a timer fires without end")
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

  /// - Parameter rest: The reply's body after its `in_reply_to`, with the closing brace.
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
  /// Reads the node's output, and lets the store answer until no request is left.
  private mutating func check() {
    var budget = 10_000
    sync()
    read()
    while store != nil, let index = calls.firstIndex(where: { Store.names.contains($0.destination) }) {
      let call = calls.remove(at: index)
      if let body = store?.answer(call) { answer(call, body + "}") }
      sync()
      read()
      budget -= 1
      precondition(budget > 0, "the node asks its store without end")
    }
  }

  /// Carries out what the node asks of its disk, until it asks for nothing more.
  private mutating func sync() {
    var budget = 10_000
    while let work = node.takeStorageWork() {
      let error = disk?.carryOut(work)
      guard let position = work.sync else { continue }
      if let error {
        node.storageDidFail(error, through: position, at: now)
      } else {
        node.storageDidSync(through: position, at: now)
      }
      budget -= 1
      precondition(budget > 0, "the node writes to its disk without end")
    }
  }

  private mutating func read() {
    var output: [UInt8] = []
    node.drainOutput { output += $0 }
    _ = node.takeLog()
    precondition(output.isEmpty || output.last == UInt8(ascii: "\n"), "not a complete line")
    for line in output.split(separator: UInt8(ascii: "\n")) {
      guard let message = try? Message(parsing: Array(line)) else { preconditionFailure("not a message") }
      precondition(message.source == (node.id.isEmpty ? calledName : node.id), "not its own name as source")
      if let request = message.inReplyTo {
        let open = requests[Request(client: message.destination, id: request), default: 0]
        precondition(open > 0, "a reply without a request")
        requests[Request(client: message.destination, id: request)] = open - 1
      }
      if message.id != nil { calls.append(message) }
    }
  }
}
