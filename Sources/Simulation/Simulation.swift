public import EddyHistory
public import EddyNetwork
public import EddyNode
import EddyRun
public import EddyTiming

/// A cluster in virtual time for unit tests: send, step, partition, and look at who sent what to
/// whom.
///
///     let cluster = Simulation(nodes: 5, seed: 7) { Broadcast() }
///     try cluster.request("n0", "broadcast", ["message": 42])
///     cluster.advance(by: .seconds(1))
///     #expect(try cluster.request("n4", "read")["messages"] == [42])
///     #expect(cluster.messages(ofType: "gossip").count == 4)
///
/// The same seed gives the same messages at the same instants.
public final class Simulation {
  /// The nodes' names, n0, n1, ….
  public let nodes: [String]
  /// Virtual time since the start.
  public private(set) var now = Instant.zero

  private let host: NodeHost
  private var network: Network
  private var services: Services
  private var replies: [Int64: Message] = [:]
  /// The nodes that have yet to answer `init`, by the number of that request.
  private var starting: [Int64: Int] = [:]
  private var nextRequestID: Int64 = 1
  private let places: [String: Int]

  /// Starts and initializes the nodes.
  ///
  /// - Parameters:
  ///   - latency: How long messages between nodes take.
  ///   - handler: Makes the handler of each node.
  public init(
    nodes count: Int, seed: UInt64, latency: Latency = Latency(mean: 100), logLevel: LogLevel = .info,
    handler: @escaping () -> any Handler
  ) {
    nodes = TestOptions.nodeNames(count)
    places = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1, $0) })
    var random = SeededGenerator(seed: seed)
    host = NodeHost(count: count, seed: random.next(), logLevel: logLevel) { _ in handler() }
    services = Services(seed: seed)
    network = Network(nodes: count, latency: latency, random: random)
    host.printed = { [unowned self] line, node in self.take(Array(line), from: node) }
    host.failed = { [nodes] cause, node in preconditionFailure("\(RunFailure(cause, node: nodes[node]))") }
    for node in 0..<count { start(node) }
  }

  /// Goes on until nothing is left to be done by `duration` from now.
  public func advance(by duration: Duration) {
    let end = now + duration
    while let next = nextEvent, next <= end { step(to: next) }
    now = end
  }

  /// Goes on until `condition` holds, or `limit` has passed. Returns whether it holds.
  @discardableResult
  public func advance(until condition: () -> Bool, limit: Duration = .seconds(60)) -> Bool {
    let end = now + limit
    while !condition() {
      guard let next = nextEvent, next <= end else {
        now = end
        return condition()
      }
      step(to: next)
    }
    return true
  }

  private var nextEvent: Instant? { .earliest(network.nextDeadline, host.nextDeadline) }

  private func step(to instant: Instant) {
    now = max(now, instant)
    host.advance(to: now)
    pump()
  }

  private func pump() {
    while let envelope = network.deliver(at: now) {
      switch envelope.destination {
      case .node(let node): host.deliver(envelope.line, to: node, at: now)
      case .client: takeReply(envelope.message)
      case .service: services.serve(envelope, from: envelope.message.source, through: &network, at: now)
      }
    }
  }

  private func takeReply(_ reply: Message) {
    guard let id = reply.inReplyTo else { return }
    replies[id] = reply
    if let node = starting.removeValue(forKey: id) { network.admit(node) }
  }

  /// Puts what a node prints on its way. It is delivered later, as the node is still at work.
  private func take(_ line: [UInt8], from node: Int) {
    guard let message = try? Message(parsing: line) else {
      preconditionFailure(
        "\(nodes[node]) printed a line that is no message: \(String(decoding: line, as: UTF8.self))")
    }
    network.send(line, parsed: message, from: .node(node), to: endpoint(message.destination), at: now)
  }

  private func endpoint(_ name: String) -> Network.Endpoint {
    if let place = places[name] { return .node(place) }
    return services.contains(name) ? .service(name) : .client(0)
  }
}

// MARK: - Requests

extension Simulation {
  /// Sends a request from a client and goes on until it is answered.
  ///
  /// Throws the error that the reply carries, or ``RPCError/timeout(_:)`` after `timeout`.
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

  /// Sends a request from a client and does not wait for the reply. Returns its `msg_id`.
  @discardableResult
  public func post(_ node: String, _ type: String, _ fields: JSONObject = [:]) -> Int64 {
    guard let place = places[node] else { preconditionFailure("there is no node \(node)") }
    let id = nextRequestID
    nextRequestID += 1
    var body: JSONObject = ["type": .string(type), "msg_id": .integer(id)]
    for (name, value) in fields { body[name] = value }
    let line = JSONValue.object(["src": "c0", "dest": .string(node), "body": .object(body)]).description
    network.send(Array(line.utf8), from: .client(0), to: .node(place), at: now)
    pump()
    return id
  }
}

// MARK: - Faults

extension Simulation {
  /// Cuts the network: only nodes of the same component hear each other. Nodes that are not
  /// named are a component of their own, together.
  public func partition(_ components: [[Int]]) {
    let named = Set(components.joined())
    let rest = nodes.indices.filter { !named.contains($0) }
    network.partition = Partition(components: components + [rest], nodes: nodes.count)
  }

  /// Drops what `sender` sends to `receiver`, and nothing else.
  public func drop(from sender: Int, to receiver: Int) { network.partition.drop(from: sender, to: receiver) }

  /// Everybody hears everybody again.
  public func heal() { network.partition = Partition(nodes: nodes.count) }

  /// The probability that a message between nodes is lost.
  public var loss: Double {
    get { network.loss }
    set { network.loss = newValue }
  }

  /// The probability that a message between nodes arrives twice.
  public var duplication: Double {
    get { network.duplication }
    set { network.duplication = newValue }
  }

  /// Starts a node anew: it has forgotten everything.
  public func restart(_ node: Int) {
    kill(node)
    start(node)
  }

  /// Ends a node; what is in its memory is lost, and so is what reaches it from now on.
  public func kill(_ node: Int) {
    host.kill(node)
    network.kill(node, at: now)
  }

  /// Lets a node's clock run fast, or slow if `drift` is negative, in parts per million.
  public func setClockDrift(_ drift: Int, of node: Int) { host.setClock(.init(drift: drift), of: node) }

  /// Freezes a node: what it is sent waits, and so do its timers.
  public func pause(_ node: Int) { host.pause(node) }

  /// Lets a frozen node go on: it finds its input, and its timers long due.
  public func resume(_ node: Int) { host.resume(node, at: now) }

  private func start(_ node: Int) {
    host.start(node)
    network.start(node)
    starting[nextRequestID] = node
    post(
      nodes[node], "init", ["node_id": .string(nodes[node]), "node_ids": .array(nodes.map { .string($0) })])
  }
}

// MARK: - What happened

extension Simulation {
  /// Everything sent and delivered so far.
  public var journal: Journal { network.journal }

  /// All messages between nodes of a type, in the order they were sent.
  public func messages(ofType type: String) -> [Message] {
    journal.messages.lazy.filter { !$0.involvesClient }.map(\.message).filter { $0.type == type }
  }

  /// What the nodes logged, in order.
  public var log: [LogLine] { host.log }

  /// What happened, one line an event; see ``Journal/transcript(log:where:)``.
  public func transcript(where shown: (Message) -> Bool = { _ in true }) -> String {
    journal.transcript(log: log, where: shown)
  }
}
