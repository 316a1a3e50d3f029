import EddyNode
import EddyTiming
import Synchronization
import Testing

@testable import EddyWorkloads

/// What it costs to ask whether a command that is not committed may change an outcome.
@Suite struct UncommittedCommandTests {
  /// With a hundred clients, decoding the log's commands for each of their requests took most of a node's time.
  @Test func aCommandInTheLogIsDecodedOnceHoweverManyRequestsAskForIt() {
    let node = Node(ConsensusHost<CountingMachine>(ConsensusOptions()), seed: 1, storage: NodeStorage())
    var now = Instant.zero
    func advance() {
      now = now + .seconds(1)
      node.fireTimers(at: now)
      if let position = node.takeStorageWork()?.sync { node.storageDidSync(through: position, at: now) }
    }
    var replies: [String] = []
    func receive(_ body: String) {
      node.receive(#"{"src":"c1","dest":"n0","body":{\#(body)}}"#, at: now)
      node.drainOutput { replies.append(String(decoding: $0, as: UTF8.self)) }
    }
    receive(#""type":"init","msg_id":1,"node_id":"n0","node_ids":["n0"]"#)
    for _ in 0..<5 { advance() }
    receive(#""type":"write","msg_id":2,"key":1,"value":1"#)
    for _ in 0..<5 { advance() }
    let before = CountingCommand.decodings.withLock { $0 }
    // From here on nothing becomes durable: these ten commands are in the log, and not committed.
    for key in 10..<20 { receive(#""type":"write","msg_id":\#(key),"key":\#(key),"value":1"#) }
    replies = []
    for id in 100..<200 { receive(#""type":"cas","msg_id":\#(id),"key":1,"from":2,"to":3"#) }
    #expect(replies.joined().split(separator: "\n").count { $0.contains(#""code":22"#) } == 100)
    #expect(CountingCommand.decodings.withLock { $0 } - before == 10)
  }
}

/// A key-value store that counts the commands it decodes.
private struct CountingMachine: StateMachine {
  private var base = KeyValueMachine()

  init() {}
  init(restoring snapshot: inout JSONReader) throws(JSONError) {
    base = try KeyValueMachine(restoring: &snapshot)
  }
  func writeSnapshot(to writer: inout JSONWriter) { base.writeSnapshot(to: &writer) }
  mutating func execute(_ command: CountingCommand, wantsReply: Bool) -> Outcome? {
    base.execute(command.base, wantsReply: wantsReply)
  }
  func outcomeWithoutChange(_ command: CountingCommand) -> Outcome? {
    base.outcomeWithoutChange(command.base)
  }
}

private struct CountingCommand: ReplicatedCommand {
  static let decodings = Mutex(0)
  var base: KeyValueCommand

  init(request: Message) throws(RPCError) { base = try KeyValueCommand(request: request) }
  init(reading reader: inout JSONReader) throws(JSONError) {
    Self.decodings.withLock { $0 += 1 }
    base = try KeyValueCommand(reading: &reader)
  }
  func encode(into writer: inout JSONWriter) { base.encode(into: &writer) }
  var isReadOnly: Bool { base.isReadOnly }
  func dependsOn(_ pending: CountingCommand) -> Bool { base.dependsOn(pending.base) }
}
