import EddyNode
import EddyRaft
import EddyTiming

/// Joins a state machine, a Raft engine and a node: clients' requests become commands or reads, and the engine's
/// directives become messages, records on the disk, timers and replies.
///
/// **Answered at once**, without a message: whatever changes nothing in a state that a lease shows to be up to date,
/// such as a read, or a compare-and-set that fails. If the log has a command that is not known to be committed and
/// may change the outcome, a read waits until that is applied.
///
/// **Errors.** A request that nobody has seen is answered with error 11 when no leader has taken it in time. One that
/// may be executed later gets no answer, so that its client records it as indefinite.
///
/// **Restarts.** With a disk the node is the same as before. Without one it has lost its vote, and takes part as a
/// learner: it forwards commands and has all entries, and counts for no majority.
final class ConsensusHost<Machine: StateMachine>: RaftHandler {
  private let options: ConsensusOptions
  private(set) var raft: Raft?
  private var machine = Machine()
  private var waiting = WaitingRequests<Machine.Command>()
  private var groupCommit: GroupCommit
  private var indices: [String: Int] = [:]
  /// Commands of entries that are not known to be committed, as far as they were looked at.
  private var uncommitted: [Position: [Machine.Command]] = [:]
  /// The timer for the engine's and the requests' next deadline.
  private var timer: (id: TimerID, deadline: Instant)?
  /// How many records were written, and how many of them a sync that was asked for covers.
  private var records = (written: 0, syncing: 0)

  /// How long to wait before a full disk is tried again.
  private let fullDiskDelay = Duration.milliseconds(100)

  init(_ options: ConsensusOptions) {
    self.options = options
    groupCommit = GroupCommit(memory: options.window * 4)
  }

  func start(on node: Node) {
    for (index, name) in node.cluster.enumerated() { indices[name] = index }
    var raftOptions = RaftOptions()
    raftOptions.window = options.window
    raft = Raft(
      id: node.index, count: node.cluster.count, options: raftOptions,
      session: max(1, node.now.nanoseconds / 1000), start: recovered(on: node), at: node.now)
    proceed(on: node)
  }

  /// What the engine begins with.
  private func recovered(on node: Node) -> Raft.Start {
    guard let storage = node.storage else { return node.isRestart ? .lost : .new }
    let stored = storage.recovered
    guard node.isRestart || stored.snapshot != nil || !stored.records.isEmpty else { return .new }
    do {
      return .recovered(
        try ([stored.snapshot].compactMap { $0 } + stored.records).map { record in
          try RaftRecord(decoding: record)
        })
    } catch {
      node.log(.error, "cannot read the records of the log", ["reason": "\(error)"])
      return .lost
    }
  }

  func stop(on node: Node) {
    raft?.transferLeadership(at: node.now)
    carryOut(on: node)
  }

  func receive(_ message: Message, on node: Node) throws(RPCError) {
    guard RaftMessage.types.contains(message.type) else {
      return handle(message, try Machine.Command(request: message), on: node)
    }
    guard let sender = indices[message.source] else {
      throw .malformedRequest("\(message.source) is not a node of this cluster")
    }
    raft?.receive(try RaftMessage(message), from: sender, at: node.now)
    proceed(on: node)
  }
}

// MARK: - Requests

extension ConsensusHost {
  private func handle(_ message: Message, _ command: Machine.Command, on node: Node) {
    let client = message.source
    groupCommit.hear(client, at: node.now)
    let readability = raft?.readability(at: node.now) ?? .nothing
    // The leader may read what is committed. A command whose outcome others may still change joins them in the log:
    // it costs no message then, and answering it before them would make it fail more often.
    let outcome = readability == .nothing ? nil : machine.outcomeWithoutChange(command)
    let mustWait =
      outcome != nil && (readability == .exceptUncommitted || !command.isReadOnly)
      && hasPending(before: command)
    if let outcome, !mustWait {
      raft?.noteActivity(at: node.now)
      return reply(to: message, outcome, on: node)
    }
    var request = WaitingRequests<Machine.Command>.Request(message: message, client: client, command: command)
    if command.isReadOnly { request.read = mustWait ? pendingIndex : confirmation(at: node.now) }
    let token = waiting.add(request, until: node.now + options.patience)
    if !command.isReadOnly, raft?.propose(Self.encode(command), token: token, at: node.now) != true {
      _ = waiting.remove(token)
      return reply(to: message, .failure(.temporarilyUnavailable("too many requests wait")), on: node)
    }
    let isComplete = groupCommit.isComplete(at: node.now) { waiting.isWaiting($0) }
    raft?.flush(isComplete: isComplete, at: node.now)
    proceed(on: node)
  }

  private static func encode(_ command: Machine.Command) -> RaftCommand {
    var writer = JSONWriter()
    writer.value(command)
    return writer.bytes
  }

  private static func decode(_ bytes: RaftCommand) -> Machine.Command? {
    var reader = JSONReader(bytes)
    return try? Machine.Command(reading: &reader)
  }

  private func hasPending(before command: Machine.Command) -> Bool {
    !command.isReadOnly && waiting.hasCommand(where: command.dependsOn)
      || raft?.hasPending { position, batch in
        commands(of: batch, at: position).contains(where: command.dependsOn)
      } ?? false
  }

  /// The commands of an entry. Each is decoded once, however many requests ask for it.
  private func commands(of batch: Batch, at position: Position) -> [Machine.Command] {
    if let known = uncommitted[position] { return known }
    let commands = batch.commands.compactMap(Self.decode)
    uncommitted[position] = commands
    return commands
  }

  private var pendingIndex: WaitingRequests<Machine.Command>.ReadCondition {
    .index(raft?.lastPosition.index ?? 0)
  }

  private func confirmation(at now: Instant) -> WaitingRequests<Machine.Command>.ReadCondition {
    .confirmation(raft?.requestRead(at: now) ?? 0)
  }

  private func reply(to message: Message, _ outcome: Outcome, on node: Node) {
    switch outcome {
    case .success(let reply):
      node.reply(to: message, type: reply.type) { body in
        if let field = reply.field { body.field(field.name, field.value) }
      }
    case .failure(let error): node.reply(to: message, error: error)
    }
  }

  /// Answers the reads that satisfy `condition` from the present state.
  private func answerReads(
    on node: Node, where condition: (WaitingRequests<Machine.Command>.ReadCondition) -> Bool
  ) {
    for request in waiting.removeReads(where: condition) {
      guard let outcome = machine.outcomeWithoutChange(request.command) else { continue }
      reply(to: request.message, outcome, on: node)
    }
  }

  /// Gives up the requests that have waited too long, if they are certain not to be executed. As long as a leader is
  /// heard they wait: the network may be slow.
  private func giveUp(on node: Node) {
    let isHeard = raft?.hearsLeader(at: node.now) ?? false
    for token in waiting.takeImpatient(at: node.now) {
      if isHeard {
        waiting.postpone(token, to: node.now + options.patience)
        continue
      }
      guard waiting[token]?.read != nil || raft?.withdraw(token: token) == true,
        let request = waiting.remove(token)
      else { continue }
      reply(
        to: request.message, .failure(.temporarilyUnavailable("no leader has taken the request")), on: node)
    }
  }
}

// MARK: - The engine

extension ConsensusHost {
  /// Does what is due, and all that follows from it.
  private func proceed(on node: Node) {
    raft?.advance(to: node.now)
    carryOut(on: node)
    if let commit = raft?.commit {
      answerReads(on: node) { if case .index(let index) = $0 { index <= commit } else { false } }
    }
    giveUp(on: node)
    arm(on: node)
  }

  private func carryOut(on node: Node) {
    while let directives = raft?.takeDirectives(), !directives.isEmpty {
      for directive in directives { carryOut(directive, on: node) }
      if node.storage == nil { raft?.noteDurable(records.written, at: node.now) }
    }
    sync(on: node)
  }

  private func carryOut(_ directive: RaftDirective, on node: Node) {
    switch directive {
    case .send(let message, let receiver): message.send(to: node.cluster[receiver], on: node)
    case .persist(let record):
      records.written += 1
      node.storage?.append(record.encoded)
    case .rewrite(let stored):
      records.written += 1
      node.storage?.replaceAll(snapshot: stored[0].encoded, records: stored.dropFirst().map(\.encoded))
    case .apply(let index, let batch, let tokens):
      // Any order: only which remain.
      if !uncommitted.isEmpty { uncommitted = uncommitted.filter { $0.key.index > index } }
      apply(batch, tokens, on: node)
    case .restore(let snapshot): restore(snapshot, on: node)
    case .forget(let tokens): for token in tokens { _ = waiting.remove(token) }
    case .takeSnapshot:
      var writer = JSONWriter()
      machine.writeSnapshot(to: &writer)
      raft?.compact(writer.bytes, at: node.now)
    case .serveReads(let number):
      answerReads(on: node) { if case .confirmation(let asked) = $0 { asked <= number } else { false } }
    case .note(let event): log(event, on: node)
    }
  }

  private func apply(_ batch: Batch, _ tokens: [Int]?, on node: Node) {
    for (index, bytes) in batch.commands.enumerated() {
      let request = (tokens?[index]).flatMap { waiting.remove($0) }
      guard let command = request?.command ?? Self.decode(bytes) else { continue }
      let outcome = machine.execute(command, wantsReply: request != nil)
      if let request, let outcome { reply(to: request.message, outcome, on: node) }
    }
  }

  private func restore(_ snapshot: Snapshot, on node: Node) {
    var reader = JSONReader(snapshot.data)
    do {
      machine = try Machine(restoring: &reader)
    } catch {
      node.log(.error, "cannot read a snapshot", ["reason": "\(error)"])
    }
  }

  /// Asks for a sync of what was written, unless one that is to come covers it.
  private func sync(on node: Node) {
    guard let storage = node.storage, records.written > records.syncing else { return }
    let count = records.written
    records.syncing = count
    storage.sync { [unowned self] error, node in
      guard error == nil else {
        records.syncing = 0
        node.after(fullDiskDelay) { [unowned self] in sync(on: $0) }
        return
      }
      raft?.noteDurable(count, at: node.now)
      proceed(on: node)
    }
  }

  /// Sets the timer to the next deadline.
  private func arm(on node: Node) {
    let deadline = Instant.earliest(raft?.nextDeadline, waiting.nextDeadline).map { max($0, node.now) }
    guard deadline != timer?.deadline else { return }
    if let timer { node.cancel(timer.id) }
    timer = deadline.map { deadline in
      let id = node.after(deadline - node.now) { [unowned self] node in
        timer = nil
        proceed(on: node)
      }
      return (id, deadline)
    }
  }

  private func log(_ event: RaftEvent, on node: Node) {
    switch event {
    case .becameLeader(let term): node.log(.info, "becomes the leader", ["term": "\(term)"])
    case .becameCandidate(let term): node.log(.info, "becomes a candidate", ["term": "\(term)"])
    case .follows(let leader, let term):
      node.log(.info, "follows a leader", ["leader": node.cluster[leader], "term": "\(term)"])
    case .suspectsLeader(let term): node.log(.info, "does not hear a leader", ["term": "\(term)"])
    case .lostQuorum(let term): node.log(.warning, "does not hear a majority", ["term": "\(term)"])
    case .fellSilent(let term): node.log(.debug, "falls silent", ["term": "\(term)"])
    case .installedSnapshot(let index): node.log(.info, "has installed a snapshot", ["index": "\(index)"])
    case .hasLostItsVote:
      node.log(.warning, "has lost its log and its vote: it takes part as a learner")
    }
  }
}
