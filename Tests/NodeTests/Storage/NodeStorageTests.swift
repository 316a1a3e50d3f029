import EddyNode
import EddyTiming
import Testing

/// Does with its disk what a test tells it to.
private final class Keeper: Handler {
  var onStart: (Node) -> Void = { _ in }
  var onMessage: (Message, Node) -> Void = { _, _ in }
  var starts = 0

  func start(on node: Node) {
    starts += 1
    onStart(node)
  }

  func receive(_ message: Message, on node: Node) { onMessage(message, node) }
}

@Suite struct NodeStorageTests {
  private let keeper = Keeper()
  private let storage: NodeStorage
  private let node: Node
  private let zero = Instant.zero

  init() {
    storage = NodeStorage(RecoveredStorage(snapshot: [1], records: [[2], [3]]))
    node = Node(keeper, seed: 1, logLevel: .debug, storage: storage)
  }

  private func initialize(_ more: String = "") {
    node.receive(
      #"{"src":"c0","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1"]\#(more)}}"#,
      at: zero)
  }

  private func output() -> String {
    var text = ""
    node.drainOutput { text += String(decoding: $0, as: UTF8.self) }
    return text
  }

  @Test func whatWasRecoveredIsThereWhenTheHandlerStartsAndReleasedThen() {
    var seen: RecoveredStorage?
    keeper.onStart = { seen = $0.storage?.recovered }
    initialize()
    #expect(seen == RecoveredStorage(snapshot: [1], records: [[2], [3]]))
    #expect(storage.recovered == RecoveredStorage())
    #expect(Node(keeper, seed: 1).storage == nil)
  }

  @Test func operationsAreTakenInOrderAndOnce() {
    initialize()
    storage.append([4])
    storage.replaceAll(snapshot: [5], records: [[6]])
    storage.append([7])
    #expect(node.hasStorageWork)
    let work = node.takeStorageWork()
    #expect(work?.operations == [.append([4]), .replaceAll(snapshot: [5], records: [[6]]), .append([7])])
    #expect(work?.sync == nil)
    #expect(node.takeStorageWork() == nil && !node.hasStorageWork)
  }

  @Test func aSyncCallsBackOnceWhenTheDriverSaysSoAndNeverWithinTheCall() {
    initialize()
    var calls: [String] = []
    storage.append([1])
    storage.sync { error, node in
      #expect(error == nil)
      calls.append("first")
      // Asked for within a callback: the next one.
      node.storage?.sync { _, _ in calls.append("third") }
    }
    storage.sync { _, _ in calls.append("second") }
    #expect(calls == [])
    let work = node.takeStorageWork()
    #expect(work?.sync == 1)
    #expect(calls == [])
    node.storageDidSync(through: 1, at: zero)
    #expect(calls == ["first", "second"])
    let next = node.takeStorageWork()
    #expect(next?.operations == [] && next?.sync == 1)
    node.storageDidSync(through: 1, at: zero)
    #expect(calls == ["first", "second", "third"])
    #expect(node.takeStorageWork() == nil)
  }

  @Test func appendsDuringASyncShareTheNextOne() {
    initialize()
    var durable: [Int] = []
    func append(_ number: Int) {
      storage.append([UInt8(number)])
      storage.sync { _, _ in durable.append(number) }
    }
    append(1)
    #expect(node.takeStorageWork()?.sync == 1)
    for number in 2...5 { append(number) }
    // The disk may have them early, but no second sync begins.
    let early = node.takeStorageWork()
    #expect(early?.operations.count == 4 && early?.sync == nil)
    node.storageDidSync(through: 1, at: zero)
    #expect(durable == [1])
    #expect(node.takeStorageWork()?.sync == 5)
    node.storageDidSync(through: 5, at: zero)
    #expect(durable == [1, 2, 3, 4, 5])
  }

  /// What is appended between the sync's request and the turn's end is written and synced with it, but a callback
  /// of the sync does not wait for more than it asked for.
  @Test func aSyncCoversWhatIsAppendedUntilItBegins() {
    initialize()
    var calls: [Int] = []
    storage.append([1])
    storage.sync { _, _ in calls.append(1) }
    storage.append([2])
    #expect(node.takeStorageWork()?.sync == 2)
    storage.append([3])
    storage.sync { _, _ in calls.append(3) }
    node.storageDidSync(through: 2, at: zero)
    #expect(calls == [1])
  }

  @Test func aFullDiskTellsThoseWhoWaitForThisSyncAndNoOther() {
    initialize()
    var errors: [String?] = []
    storage.append([1])
    storage.sync { error, _ in errors.append(error?.reason) }
    #expect(node.takeStorageWork()?.sync == 1)
    storage.append([2])
    storage.sync { error, _ in errors.append(error?.reason) }
    node.storageDidFail(StorageError("the disk is full"), through: 1, at: zero)
    #expect(errors == ["the disk is full"])
    #expect(node.takeLog().contains { $0.contains("the disk is full") })
    #expect(node.takeStorageWork()?.sync == 2)
    node.storageDidSync(through: 2, at: zero)
    #expect(errors == ["the disk is full", nil])
  }

  @Test func theCallbackIsReleasedWhenItHasRun() {
    initialize()
    final class Witness {}
    weak var witness: Witness?
    do {
      let strong = Witness()
      witness = strong
      storage.sync { _, _ in _ = strong }
    }
    #expect(witness != nil)
    _ = node.takeStorageWork()
    node.storageDidSync(through: 0, at: zero)
    #expect(witness == nil)
  }

  @Test func aCallbackSeesTheTimeOfTheSyncsEnd() {
    initialize()
    var seen: Instant?
    storage.sync { _, node in seen = node.now }
    _ = node.takeStorageWork()
    node.storageDidSync(through: 0, at: zero + .milliseconds(5))
    #expect(seen == zero + .milliseconds(5))
  }

  @Test func aNodeWhoseDiskCannotBeOpenedRefusesEveryInitAndNeverStarts() {
    node.storageHasFailed("cannot open /data: Permission denied", at: zero)
    #expect(!node.hasRefusedInit)
    initialize()
    #expect(node.hasRefusedInit)
    #expect(
      output()
        == #"{"src":"n1","dest":"c0","body":{"type":"error","in_reply_to":1,"code":13,"text":"cannot open /data: Permission denied"}}"#
        + "\n")
    initialize()
    #expect(output().contains("\"code\":13"))
    #expect(keeper.starts == 0 && node.id == "")
  }

  @Test func aNodeWhoseDiskFailsFallsSilent() {
    var events: [String] = []
    keeper.onMessage = { _, _ in events.append("message") }
    initialize()
    _ = output()
    node.after(.milliseconds(1)) { _ in events.append("timer") }
    storage.append([1])
    storage.sync { _, _ in events.append("sync") }
    _ = node.takeStorageWork()
    storage.append([2])
    node.storageHasFailed("Input/output error", at: zero)
    node.storageDidSync(through: 1, at: zero)
    node.fireTimers(at: zero + .milliseconds(10))
    node.receive(#"{"src":"c0","dest":"n1","body":{"type":"x","msg_id":9}}"#, at: zero)
    #expect(events == [] && node.nextDeadline == nil && output() == "")
    #expect(node.takeStorageWork() == nil && !node.hasStorageWork)
  }

  @Test func aRestartIsKnownFromTheInitAlone() {
    initialize()
    #expect(!node.isRestart)
    let restarted = Node(keeper, seed: 1)
    restarted.receive(
      #"{"src":"c0","dest":"n1","body":{"type":"init","msg_id":1,"node_id":"n1","node_ids":["n1"],"restarted":true}}"#,
      at: zero)
    #expect(restarted.isRestart)
  }
}
