import EddyNode
import EddyTiming
import EddyWorkloads

/// A timer set and fired while `size` others wait.
func measureTimerQueue() {
  let count = 100_000
  for size in sizes {
    var random = SeededGenerator(seed: 1)
    var queue = TimerQueue<Int>()
    var now = Instant.zero
    func insert() { queue.insert(0, at: now + .nanoseconds(Int.random(in: 1...1_000_000, using: &random))) }
    for _ in 0..<size { insert() }
    report("timer set and fired, by number of waiting timers", size: size, count: count) {
      for _ in 0..<count {
        now = queue.nextDeadline!
        _ = queue.popDue(at: now)
        insert()
      }
    }
  }
}

/// A message sent by a node of a cluster of `size`, to each of the others in turn.
func measurePeers() {
  for size in sizes {
    let node = Node(Silent(), seed: 1)
    let peers = (0..<size).map { "n\($0)" }
    node.receive(.initialization(of: "n0", in: peers), at: .zero)
    node.drainOutput { _ in }
    let count = max(size, 100_000)
    report("message sent, by number of nodes", size: size, count: count) {
      for sent in 0..<count {
        node.send(to: node.cluster[sent % size], type: "gossip") { $0.field("count", sent) }
        if node.outputCount > 1 << 18 { node.drainOutput { _ in } }
      }
    }
  }
}

/// A value broadcast while a set grows to `size`, and the set read: the latter beside a plain
/// copy of as many bytes.
func measureValues() {
  for size in sizes {
    let node = Node(Broadcast(), seed: 1)
    node.receive(.initialization(of: "n0", in: ["n0"]), at: .zero)
    report("value broadcast, by number of values", size: size, count: size, runs: 1) {
      for value in 0..<size {
        node.receive(.request("broadcast", #""message":\#(value)"#), at: .zero)
        if node.outputCount > 1 << 18 { node.drainOutput { _ in } }
      }
    }
    node.drainOutput { _ in }

    let read = String.request("read", "")
    node.receive(read, at: .zero)
    let bytes = node.outputCount
    let rounds = max(1, 20_000_000 / bytes)
    report("read, by number of values", size: size, count: rounds) {
      for _ in 0..<rounds {
        node.drainOutput { _ in }
        node.receive(read, at: .zero)
      }
    }
    let (source, target) = (Bytes(bytes), Bytes(bytes))
    report("copy of the bytes of such a read", size: size, count: rounds) {
      for _ in 0..<rounds { target.copy(source) }
    }
  }
}

/// A workload that answers nothing.
private final class Silent: Handler {
  func receive(_ message: Message, on node: Node) throws(RPCError) {}
}

/// Memory whose copying the compiler does not see through.
private final class Bytes {
  private let bytes: UnsafeMutableRawBufferPointer

  init(_ count: Int) {
    bytes = .allocate(byteCount: count, alignment: 8)
    bytes.initializeMemory(as: UInt8.self, repeating: 1)
  }

  deinit { bytes.deallocate() }

  @inline(never)
  func copy(_ other: Bytes) { bytes.copyMemory(from: UnsafeRawBufferPointer(other.bytes)) }
}

extension String {
  fileprivate static func initialization(of node: String, in cluster: [String]) -> String {
    let names = cluster.map { "\"\($0)\"" }.joined(separator: ",")
    return request("init", #""node_id":"\#(node)","node_ids":[\#(names)]"#)
  }

  /// A client's request, with the fields of its body beside the type.
  fileprivate static func request(_ type: String, _ fields: String) -> String {
    let body = #""type":"\#(type)","msg_id":1"# + (fields.isEmpty ? "" : ",\(fields)")
    return #"{"src":"c1","dest":"n0","body":{\#(body)}}"#
  }
}
