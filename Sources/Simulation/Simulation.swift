public import EddyHistory
public import EddyNetwork
public import EddyNode
import EddyRun
public import EddyTiming

/// A cluster in virtual time for unit tests: send requests, advance the clock, inject faults, and inspect the
/// messages.
///
///     let cluster = Simulation(nodes: 5, seed: 7) { Broadcast() }
///     try cluster.request("n0", "broadcast", ["message": 42])
///     cluster.advance(by: .seconds(1))
///     #expect(try cluster.request("n4", "read")["messages"] == [42])
///     #expect(cluster.messages(ofType: "gossip").count == 4)
///
/// The same seed and the same calls give the same messages at the same instants.
public final class Simulation {
  /// The nodes' names: n0, n1, ….
  public let nodes: [String]

  /// The number of the client that sends all requests.
  private static let client = 0

  private let host: NodeHost
  private var serviceNetwork: ServiceNetwork
  /// Set by the initializer after all other properties, because it refers to `self`.
  private var time: VirtualCluster!
  private var replies: [Int: Message] = [:]
  /// The nodes that have not answered `init`, by the `msg_id` of that request.
  private var starting: [Int: Int] = [:]
  private var nextRequestID: Int = 1
  /// The requests of ``request(_:_:_:timeout:)`` and ``post(_:_:_:)`` with their replies. Each is an
  /// operation of its own process, whose number is the request's `msg_id`.
  private(set) package var history = History()

  /// Creates a cluster of `count` nodes and sends each its `init`.
  ///
  /// - Parameters:
  ///   - count: The number of nodes.
  ///   - seed: The seed of all randomness.
  ///   - latency: The latency between nodes, in milliseconds.
  ///   - logLevel: The minimum level of the nodes' log lines.
  ///   - disks: The nodes' disks, which survive kills; nil for none.
  ///   - handler: Makes the handler of a node; called for each start.
  public init(
    nodes count: Int, seed: UInt64, latency: Latency = Latency(mean: 100), logLevel: LogLevel = .info,
    disks: DiskConditions? = nil, handler: @escaping () -> any Handler
  ) {
    nodes = TestOptions.nodeNames(count)
    var random = SeededGenerator(seed: seed)
    host = NodeHost(count: count, seed: random.next(), logLevel: logLevel, disks: disks) { _ in handler() }
    serviceNetwork = ServiceNetwork(
      Network(nodes: count, latency: latency, random: random), nodes: nodes, seed: seed)
    host.failed = { [nodes] cause, node in preconditionFailure("\(RunFailure(cause, node: nodes[node]))") }
    time = VirtualCluster(host, carrier: self)
    for node in 0..<count { start(node) }
  }

  private var network: Network {
    get { serviceNetwork.network }
    _modify { yield &serviceNetwork.network }
  }

  /// The virtual time since the start.
  public var now: Instant { time.now }

  /// Advances the clock by `duration`.
  public func advance(by duration: Duration) {
    let end = now + duration
    while time.step(by: end) {}
    time.rest(until: end)
  }

  /// Advances the clock until `condition` holds or `limit` has passed. Returns whether it holds.
  @discardableResult
  public func advance(until condition: () -> Bool, limit: Duration = .seconds(60)) -> Bool {
    let end = now + limit
    while !condition() {
      guard time.step(by: end) else {
        time.rest(until: end)
        return condition()
      }
    }
    return true
  }
}

extension Simulation: MessageCarrier {
  var nextDeadline: Instant? { serviceNetwork.network.nextDeadline }

  func take(_ line: UnsafeRawBufferPointer, from node: Int, at now: Instant) {
    let line = Array(line)
    guard let message = try? Message(parsing: line) else {
      preconditionFailure(
        "\(nodes[node]) printed a line that is not a message: \(String(decoding: line, as: UTF8.self))")
    }
    // A name that is neither a node nor a service is taken as the test's client.
    let destination = serviceNetwork.endpoint(named: message.destination) ?? .client(Self.client)
    serviceNetwork.network.send(line, parsed: message, from: .node(node), to: destination, at: now)
  }

  func advance(to now: Instant) {
    while let delivery = serviceNetwork.nextDelivery(at: now) {
      switch delivery {
      case .line(let line, let node): host.deliver(line, to: node, at: now)
      case .message(let reply, _): takeReply(reply)
      }
    }
  }

  private func takeReply(_ reply: Message) {
    guard let id = reply.inReplyTo else { return }
    if let node = starting.removeValue(forKey: id) {
      serviceNetwork.network.admit(node)
    } else {
      record(reply, to: id)
    }
    replies[id] = reply
  }
}

// MARK: - Requests

extension Simulation {
  /// Sends a request from a client and advances the clock until the reply arrives.
  ///
  /// Returns the reply's body. Throws the error in the reply, or `RPCError.timeout` after `timeout`.
  @discardableResult
  public func request(
    _ node: String, _ type: String, _ fields: JSONObject = [:], timeout: Duration = .seconds(5)
  ) throws(RPCError) -> JSONObject {
    let id = post(node, type, fields)
    advance(until: { replies[id] != nil }, limit: timeout)
    guard let reply = replies.removeValue(forKey: id) else { throw .timeout() }
    if reply.type == "error" { throw RPCError(reply: reply) }
    guard case .object(let body) = reply.body else { preconditionFailure("a body is an object") }
    return body
  }

  /// Sends a request from a client without waiting for the reply. Returns its `msg_id`.
  @discardableResult
  public func post(_ node: String, _ type: String, _ fields: JSONObject = [:]) -> Int {
    guard case .node(let index)? = serviceNetwork.endpoint(named: node) else {
      preconditionFailure("there is no node \(node)")
    }
    history.append(
      Operation(
        time: now, process: .client(Int(nextRequestID)), kind: .invoke, function: type,
        value: Self.value(of: fields), node: node, client: Self.clientName))
    return send(type, fields, to: index)
  }

  /// The reply to a request that was posted; nil if there is none yet.
  public func reply(to id: Int) -> Message? { replies[id] }

  private func send(_ type: String, _ fields: JSONObject, to node: Int) -> Int {
    let id = nextRequestID
    nextRequestID += 1
    var body: JSONObject = ["type": .string(type), "msg_id": .integer(id)]
    for (name, value) in fields { body[name] = value }
    let line = JSONValue.object([
      "src": .string(Self.clientName), "dest": .string(nodes[node]), "body": .object(body),
    ]).description
    network.send(Array(line.utf8), from: .client(Self.client), to: .node(node), at: now)
    advance(to: now)
    return id
  }

  private static var clientName: String { "c\(client)" }

  /// Records the completion of a request. Ignores a second reply.
  private func record(_ reply: Message, to id: Int) {
    guard let invocation = history.openInvocation(of: .client(Int(id))) else { return }
    let isError = reply.type == "error"
    var fields = JSONObject()
    if case .object(let body) = reply.body {
      for (name, value) in body where !["type", "in_reply_to", "msg_id"].contains(name) {
        fields[name] = value
      }
    }
    let error = isError ? RPCError(reply: reply) : nil
    history.append(
      Operation(
        time: now, process: invocation.process, kind: isError ? .fail : .ok, function: invocation.function,
        value: isError ? invocation.value : Self.value(of: fields),
        error: error.map { OperationError(name: $0.name ?? "error-\($0.code)", text: $0.text) },
        node: invocation.node, client: invocation.client))
  }

  /// The value of the only field, or an object of all fields; nil if there are none.
  private static func value(of fields: JSONObject) -> RawJSON? {
    guard let first = fields.first else { return nil }
    return RawJSON(encoding: fields.count == 1 ? first.value : .object(fields))
  }
}

// MARK: - Faults

extension Simulation {
  /// Partitions the network: only nodes of the same component receive each other's messages. Nodes that are
  /// not named form one more component.
  public func partition(_ components: [[Int]]) {
    let named = Set(components.joined())
    let rest = nodes.indices.filter { !named.contains($0) }
    network.partition = Partition(components: components + [rest], nodes: nodes.count)
  }

  /// Drops all messages from `sender` to `receiver`, in this direction only.
  public func drop(from sender: Int, to receiver: Int) { network.partition.drop(from: sender, to: receiver) }

  /// Ends the partition.
  public func heal() { network.partition = Partition(nodes: nodes.count) }

  /// The probability that a message between nodes is lost.
  public var loss: Double {
    get { network.loss }
    set { network.loss = newValue }
  }

  /// The probability that a message between nodes is delivered twice.
  public var duplication: Double {
    get { network.duplication }
    set { network.duplication = newValue }
  }

  /// Kills a node and starts it again, with nothing of its state but its disk. It may be down already.
  public func restart(_ node: Int) {
    kill(node)
    start(node, isRestart: true)
  }

  /// Kills a node. Its state is lost, as is every message that reaches it while it is down. What its disk keeps of
  /// what was not synced, the disk's faults say.
  public func kill(_ node: Int) {
    host.kill(node)
    network.kill(node, at: now)
  }

  /// Makes a node's clock run fast, or slow if `drift` is negative, in parts per million.
  public func setClockDrift(_ drift: Int, of node: Int) { host.setClock(SkewedClock(drift: drift), of: node) }

  /// Pauses a node: its input and its timers wait.
  public func pause(_ node: Int) { host.pause(node) }

  /// Resumes a paused node: it processes its input and its overdue timers.
  public func resume(_ node: Int) { host.resume(node, at: now) }

  private func start(_ node: Int, isRestart: Bool = false) {
    host.start(node)
    network.start(node)
    starting[nextRequestID] = node
    var fields: JSONObject = [
      "node_id": .string(nodes[node]), "node_ids": .array(nodes.map { .string($0) }),
    ]
    if isRestart { fields["restarted"] = .bool(true) }
    _ = send("init", fields, to: node)
  }
}

// MARK: - Messages and logs

extension Simulation {
  /// The messages so far, with their events.
  public var journal: Journal { network.journal }

  /// All messages of a type between nodes and services, in the order of sending.
  public func messages(ofType type: String) -> [Message] {
    journal.messages.lazy.filter { !$0.involvesClient }.map(\.message).filter { $0.type == type }
  }

  /// The nodes' log lines, in order.
  public var log: [LogLine] { host.log }

  /// The events as text, one per line; see `Journal.transcript`.
  public func transcript(where shown: (Message) -> Bool = { _ in true }) -> String {
    journal.transcript(log: log, where: shown)
  }
}
