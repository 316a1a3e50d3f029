public import EddyTiming

/// A node of a cluster, without IO: bytes and instants go in, bytes come out.
///
/// **Driver's side.** A driver (the event loop, a simulation) calls ``receive(_:at:)-(UnsafeRawBufferPointer,_)``
/// and ``fireTimers(at:)``, and after each takes the output by ``drainOutput(_:)`` and the log by
/// ``takeLog()``. It calls `fireTimers` again no later than at ``nextDeadline``. The node reads no clock, no
/// file and no entropy: the same calls with the same seed give the same bytes.
///
/// **Handler's side.** A ``Handler`` replies, sends, calls and sets timers through the node that its
/// callbacks are passed, and only within them.
///
/// It has more than ten stored properties because each is used on its own on the path of every message: who the node
/// is, its clock and generator, what it waits for, its disk, and memory that is reused.
///
/// Not thread-safe: a node belongs to one thread.
public final class Node {
  // Every message uses the properties marked `exclusivity(unchecked)`: checking their accesses at run time
  // would cost more than writing a reply does. Only a body that calls its node while it writes could violate
  // exclusivity, and `isWriting` catches that.

  /// This node's name; empty before `init`.
  @exclusivity(unchecked) public private(set) var id = ""

  /// The names of all nodes of the cluster, including this one, in the order that `init` gave.
  public private(set) var cluster: [String] = []

  /// This node's index in ``cluster``.
  public private(set) var index = 0

  /// The instant of the event being handled.
  @exclusivity(unchecked) public private(set) var now: Instant

  /// The only source of randomness that a handler may use.
  public var random: SeededGenerator

  /// The state machine that runs on this node.
  ///
  /// An existential, so that nodes of all workloads have one type. It costs one indirect call per message.
  public let handler: any Handler

  /// The node's disk; nil if it has none. A handler that needs one says so when it starts, or goes on without.
  public let storage: NodeStorage?

  /// Whether this node was killed and is started again in this run, as the workbench's `init` says.
  ///
  /// Without a disk such a node has lost what it promised before, such as its vote. Under Maelstrom it is always
  /// false: Maelstrom does not say.
  public private(set) var isRestart = false

  /// Why the disk cannot be used; nil if it can, or if there is none.
  @exclusivity(unchecked) public internal(set) var storageFailure: String?

  /// Whether an `init` has been answered with ``storageFailure``.
  public private(set) var hasRefusedInit = false

  var timers = TimerQueue<TimerAction>()
  var calls: PendingCalls
  @exclusivity(unchecked) @usableFromInline var outbox = JSONWriter()
  /// Whether a message's body is being written.
  @exclusivity(unchecked) var isWriting = false
  private var log: Log
  @exclusivity(unchecked) private var messageStorage: MessageStorage?
  /// The node's name as JSON, encoded once for all messages.
  @exclusivity(unchecked) private(set) var encodedID = RawJSON(string: "")
  /// Storage for ``fireTimers(at:)``, reused so that it allocates nothing.
  private var dueTimers: [TimerID] = []

  /// A node before its `init`.
  ///
  /// - Parameters:
  ///   - handler: What the node does.
  ///   - seed: Determines ``random``. Each node of a cluster needs a seed of its own.
  ///   - logLevel: The minimum level of lines that are logged.
  ///   - storage: The node's disk, with what was read from it; nil for none.
  public init(
    _ handler: any Handler, seed: UInt64, logLevel: LogLevel = .info, storage: NodeStorage? = nil
  ) {
    self.handler = handler
    self.storage = storage
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
  /// A line that is not a message is dropped, and logged with the offset and the reason. The bytes need to
  /// be valid during the call only.
  ///
  /// - Complexity: O(length of the line), without an allocation in the steady state, and the handler's work.
  public func receive(_ line: UnsafeRawBufferPointer, at now: Instant) {
    move(to: now)
    let message: Message
    do {
      message = try Message(parsing: line, reusing: &messageStorage)
    } catch {
      let shown = String(decoding: line.prefix(Self.loggedPrefixLength), as: UTF8.self)
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

  /// Logs that the driver has dropped a line of input.
  public func reportDroppedInput(_ reason: String, at now: Instant) {
    move(to: now)
    log(.warning, "dropped a line", ["reason": reason])
  }

  /// The instant at which ``fireTimers(at:)`` is due next; nil if no timer is set. O(1).
  public var nextDeadline: Instant? { storageFailure == nil ? timers.nextDeadline : nil }

  /// Runs every timer that is due at `now`, in the order of their deadlines; those of one deadline in the
  /// order in which they were set.
  ///
  /// A timer that one of them sets runs in a later call, even if it is due at once: a timer that re-arms
  /// itself without delay cannot starve input.
  public func fireTimers(at now: Instant) {
    move(to: now)
    guard storageFailure == nil else { return }
    timers.collectDue(at: self.now, into: &dueTimers)
    for timer in dueTimers { fire(timer) }
  }

  /// Sets the node's time, which never goes back.
  func move(to now: Instant) { self.now = max(self.now, now) }

  /// Tells the handler that the process is about to end. Nothing if the node has not started.
  public func stop(at now: Instant) {
    move(to: now)
    if !id.isEmpty, storageFailure == nil { handler.stop(on: self) }
  }

  /// The number of bytes of output that wait to be drained.
  public var outputCount: Int { outbox.count }

  /// Whether output waits to be drained.
  public var hasOutput: Bool { outputCount > 0 }

  /// Calls `body` with all output since the last call: whole lines, each with its newline. Does not call it
  /// if there is none.
  public func drainOutput(_ body: (UnsafeRawBufferPointer) -> Void) {
    guard hasOutput else { return }
    outbox.withUnsafeBytes(body)
    outbox.removeAll(keepingCapacity: true)
  }

  /// Returns all log lines since the last call, without newlines.
  public func takeLog() -> [String] { log.take() }
}

// MARK: - Handler's side

extension Node {
  /// The names of all other nodes in the order of ``cluster``. O(size of the cluster).
  public var peers: [String] { cluster.filter { $0 != id } }

  /// Runs `action` once, `delay` after ``now``. O(log n) for n timers.
  @discardableResult
  public func after(_ delay: Duration, _ action: @escaping (Node) -> Void) -> TimerID {
    timers.insert(.once(action), at: now + delay)
  }

  /// Runs `action` at ``now`` plus every multiple of `interval`, without drift. O(log n) for n timers.
  ///
  /// Multiples that pass while the process is stalled are skipped.
  @discardableResult
  public func every(_ interval: Duration, _ action: @escaping (Node) -> Void) -> TimerID {
    precondition(interval > .zero, "a repeating timer needs a positive interval")
    return timers.insert(.repeating(interval, action), at: now + interval)
  }

  /// Cancels a timer. Does nothing if it has run or been cancelled. O(log n) for n timers.
  public func cancel(_ timer: TimerID) { timers.remove(timer) }

  /// Writes a line to the log if `level` is at least the minimum level. Otherwise evaluates no argument.
  ///
  /// - Parameters:
  ///   - level: How important the line is.
  ///   - event: What happened, in a few words, such as `dropped a line`.
  ///   - fields: Details, written as `key=value`.
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
  /// How much of a dropped line the log shows, in bytes.
  private static let loggedPrefixLength = 120

  /// The `msg_id` of the next call.
  package var nextCallID: Int { calls.nextID }

  private func handle(_ message: Message) {
    if let storageFailure { return refuse(message, storageFailure) }
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

  /// Answers nothing but `init`, and that with an error: a node must not start without the disk it should have.
  private func refuse(_ message: Message, _ reason: String) {
    guard message.type == "init" else { return }
    reject(message, .crash(reason))
    hasRefusedInit = true
  }

  private func initialize(_ message: Message) {
    do throws(RPCError) {
      let (name, names, index) = try Self.membership(message)
      let isFirst = id.isEmpty
      guard isFirst || (id == name && cluster == names) else {
        throw .malformedRequest("this node is already initialized as \"\(id)\" in another cluster or order")
      }
      (id, cluster, self.index, encodedID) = (name, names, index, RawJSON(string: name))
      reply(to: message, type: "init_ok")
      guard isFirst else { return }
      isRestart = (try? message.bool("restarted")) ?? false
      handler.start(on: self)
      storage?.releaseRecovered()
    } catch {
      reject(message, error)
    }
  }

  /// The contents of an `init`: the node's name, all names, and its index among them. Handlers rely on names
  /// that are unique and not empty.
  private static func membership(_ message: Message) throws(RPCError) -> (String, [String], Int) {
    let name = try message.string("node_id")
    let names = try message.strings("node_ids")
    guard !names.contains("") else { throw .malformedRequest("the name of a node must not be empty") }
    guard Set(names).count == names.count else {
      throw .malformedRequest("the field \"node_ids\" must name every node once")
    }
    guard let index = names.firstIndex(of: name) else {
      throw .malformedRequest("the field \"node_ids\" does not contain the node_id \"\(name)\"")
    }
    return (name, names, index)
  }

  private func complete(_ callID: Int, with message: Message) {
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
    // No deadline if an earlier timer of the batch has cancelled this one, a later one if postponed it.
    guard let deadline = timers.deadline(of: timer), deadline <= now, let action = timers[timer] else {
      return
    }
    if case .repeating(let interval, let action) = action {
      let missed = (now - deadline).nanoseconds / interval.nanoseconds
      timers.reschedule(timer, at: deadline + interval * (missed + 1))
      return action(self)
    }
    timers.remove(timer)
    switch action {
    case .once(let action): action(self)
    case .callTimeout(let callID): calls.remove(callID)?.then(.failure(.noReply), self)
    case .repeating: break
    }
  }
}
