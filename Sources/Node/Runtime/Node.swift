public import EddyTiming

/// A node of a cluster, without IO: bytes and instants go in, bytes come out.
///
/// **Driver's side.** A driver (the event loop, a simulation) feeds ``receive(_:at:)`` and
/// ``fireTimers(at:)``, and after each takes ``drainOutput(_:)`` and ``takeLog()``; it calls
/// `fireTimers` again no later than ``nextDeadline``. The node reads no clock, file or
/// randomness: the same calls with the same seed give the same bytes.
///
/// **Handler's side.** A ``Handler`` replies, sends, calls and sets timers through the node
/// it is handed, from within its own callbacks.
///
/// Not thread-safe: a node belongs to one thread.
public final class Node {
  // Every message goes through these properties, and checking each access for exclusivity at
  // run time would cost more than writing the reply does. It could only be violated by a body
  // that calls back into the node while it writes, which `isWriting` catches.

  /// This node's name; empty before `init`.
  @exclusivity(unchecked) public private(set) var id = ""

  /// The names of all nodes of the cluster in the order that `init` gave, this one included.
  public private(set) var cluster: [String] = []

  /// This node's place in ``cluster``.
  public private(set) var index = 0

  /// The instant of the event being handled.
  @exclusivity(unchecked) public private(set) var now: Instant

  /// The only source of randomness a workload may use.
  public var random: SeededGenerator

  /// The state machine that runs on this node.
  ///
  /// An existential, so that nodes of any workload share one type; it costs one indirect
  /// call a message.
  public let handler: any Handler

  var timers = TimerQueue<TimerAction>()
  var calls: PendingCalls
  @exclusivity(unchecked) @usableFromInline var outbox = JSONWriter()
  /// Whether a message's body is being written.
  @exclusivity(unchecked) var isWriting = false
  private var log: Log
  @exclusivity(unchecked) private var storage: MessageStorage?
  /// The node's name as JSON, so that no message encodes it anew.
  @exclusivity(unchecked) private(set) var encodedID = RawJSON("")
  /// Storage for ``fireTimers(at:)``.
  private var dueTimers: [TimerID] = []

  /// - Parameters:
  ///   - handler: What the node does.
  ///   - seed: Fixes ``random``. Two nodes of a cluster must not share one.
  ///   - logLevel: The least level that is logged.
  public init(_ handler: any Handler, seed: UInt64, logLevel: LogLevel = .info) {
    self.handler = handler
    random = SeededGenerator(seed: seed)
    calls = PendingCalls(seed: seed)
    log = Log(level: logLevel)
    now = .zero
  }
}

// MARK: - Driver's side

extension Node {
  /// Handles one line of input, without its newline.
  ///
  /// A line that is no message is logged with its offset and reason, and dropped. The line's
  /// bytes are needed during the call only.
  public func receive(_ line: UnsafeRawBufferPointer, at now: Instant) {
    self.now = max(self.now, now)
    let message: Message
    do {
      message = try Message(parsing: line, reusing: &storage)
    } catch {
      let shown = String(decoding: line.prefix(120), as: UTF8.self)
      log(.warning, "dropped a line", ["offset": "\(error.offset)", "reason": error.reason, "line": shown])
      return
    }
    handle(message)
  }

  /// Handles one line of input, without its newline.
  public func receive(_ line: String, at now: Instant) {
    var line = line
    line.withUTF8 { receive(UnsafeRawBufferPointer($0), at: now) }
  }

  /// Tells the node that the driver dropped input, so that its log says so.
  public func reportDroppedInput(_ reason: String, at now: Instant) {
    self.now = max(self.now, now)
    log(.warning, "dropped a line", ["reason": reason])
  }

  /// The instant at which ``fireTimers(at:)`` is next due, or nil if no timer is set. O(1).
  public var nextDeadline: Instant? { timers.nextDeadline }

  /// Runs every timer due at `now`, in the order of their deadlines, first set first.
  ///
  /// A timer set by one of them runs in a later call, even if due: a timer that re-arms
  /// itself without delay cannot starve input.
  public func fireTimers(at now: Instant) {
    self.now = max(self.now, now)
    timers.collectDue(at: self.now, into: &dueTimers)
    for timer in dueTimers { fire(timer) }
  }

  /// The number of bytes of output to drain.
  public var outputCount: Int { outbox.count }

  /// True if there is output to drain.
  public var hasOutput: Bool { outputCount > 0 }

  /// Hands over all output since the last call, whole lines each ending in a newline.
  public func drainOutput(_ body: (UnsafeRawBufferPointer) -> Void) {
    guard hasOutput else { return }
    outbox.withUnsafeBytes(body)
    outbox.removeAll(keepingCapacity: true)
  }

  /// Hands over all log lines since the last call.
  public func takeLog() -> [String] { log.take() }
}

// MARK: - Handler's side

extension Node {
  /// The names of all other nodes, in the cluster's order.
  public var peers: [String] { cluster.filter { $0 != id } }

  /// Runs `action` once, when `delay` has passed.
  @discardableResult
  public func after(_ delay: Duration, _ action: @escaping (Node) -> Void) -> TimerID {
    timers.insert(.once(action), at: now + delay)
  }

  /// Runs `action` every `interval`, at multiples of it from now on, without drift.
  ///
  /// Ticks that a stalled process has missed are not made up for.
  @discardableResult
  public func every(_ interval: Duration, _ action: @escaping (Node) -> Void) -> TimerID {
    precondition(interval > .zero, "a repeating timer needs a positive interval")
    return timers.insert(.repeating(interval, action), at: now + interval)
  }

  /// Cancels a timer; does nothing if it has run or been cancelled. O(log n).
  public func cancel(_ timer: TimerID) { timers.remove(timer) }

  /// Writes a line to the log, if `level` is logged at all.
  public func log(
    _ level: LogLevel, _ event: @autoclosure () -> String,
    _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:]
  ) {
    guard level >= log.level else { return }
    log.append(level, at: now.description, node: id, event(), fields())
  }
}

// MARK: - Dispatch

extension Node {
  /// The `msg_id` of the next ``call(_:type:timeout:body:then:)``.
  package var nextCallID: Int64 { calls.nextID }

  private func handle(_ message: Message) {
    if let callID = message.inReplyTo { return complete(callID, with: message) }
    if message.type == "init" { return initialize(message) }
    if id.isEmpty {
      reject(message, .temporarilyUnavailable("this node has not been initialized"))
      return
    }
    do { try handler.receive(message, on: self) } catch { reject(message, error) }
  }

  private func reject(_ message: Message, _ error: RPCError) {
    log(
      .warning, "rejected a message",
      [
        "type": message.type, "src": message.source, "error": error.name ?? "\(error.code)",
        "text": error.text,
      ])
    reply(to: message, error: error)
  }

  private func initialize(_ message: Message) {
    do throws(RPCError) {
      let (name, names, place) = try Self.membership(message)
      let isFirst = id.isEmpty
      guard isFirst || (id == name && cluster == names) else {
        throw .malformedRequest("this node is already initialized as \"\(id)\" in another cluster or order")
      }
      (id, cluster, index, encodedID) = (name, names, place, RawJSON(name))
      reply(to: message, type: "init_ok")
      if isFirst { handler.start(on: self) }
    } catch {
      reject(message, error)
    }
  }

  /// What an `init` says: the node's name, all names, and its place among them. Workloads rely on names
  /// that are not empty and that come once.
  private static func membership(_ message: Message) throws(RPCError) -> (String, [String], Int) {
    let name = try message.string("node_id")
    let names = try message.strings("node_ids")
    guard !names.contains("") else { throw .malformedRequest("the name of a node must not be empty") }
    guard Set(names).count == names.count else {
      throw .malformedRequest("the field \"node_ids\" must name every node once")
    }
    guard let place = names.firstIndex(of: name) else {
      throw .malformedRequest("the field \"node_ids\" does not contain the node_id \"\(name)\"")
    }
    return (name, names, place)
  }

  private func complete(_ callID: Int64, with message: Message) {
    guard let call = calls.remove(callID) else {
      log(.debug, "ignored a reply to no pending call", ["in_reply_to": "\(callID)", "src": message.source])
      return
    }
    timers.remove(call.timer)
    if message.type == "error" {
      call.then(.failure(RPCError(reply: message)), self)
    } else {
      call.then(.success(message), self)
    }
  }

  private func fire(_ timer: TimerID) {
    // Nil when an earlier timer of the same batch has cancelled this one.
    guard let deadline = timers.deadline(of: timer), deadline <= now, let action = timers[timer] else {
      return
    }
    if case .repeating(let interval, let action) = action {
      let missed = (now - deadline).nanoseconds / interval.nanoseconds
      timers.reschedule(timer, at: deadline + interval * Int(missed + 1))
      return action(self)
    }
    timers.remove(timer)
    switch action {
    case .once(let action): action(self)
    case .callTimeout(let callID): calls.remove(callID)?.then(.failure(.silence), self)
    case .repeating: break
    }
  }
}
