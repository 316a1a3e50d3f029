public import EddyNode
import EddyTiming

/// A set on a single node that survives kills: the server's side of `g-set`, with a log and snapshots on disk.
public final class DurableSet: Handler {
  /// How the set keeps what it says, or does not.
  public enum Rule: Sendable {
    /// An element is acknowledged and read once it is durable.
    case whenDurable
    /// An element is acknowledged at once, which is wrong: a kill loses what was not synced.
    case earlyAcknowledgement
    /// An element is read before it is durable, which is wrong: a kill takes back what was read.
    case earlyRead
    /// A snapshot holds what the last one should have held, which is wrong: it drops the records since.
    case snapshotOfThePast
  }

  /// The number of records after which a snapshot replaces them.
  private static let snapshotInterval = 4
  /// How long to wait for room on a full disk.
  private static let retryDelay = Duration.milliseconds(50)

  private let rule: Rule
  private var elements: [RawJSON] = []
  private var snapshot: [RawJSON] = []
  private var records = 0
  /// The number of failed syncs so far.
  public private(set) var failures = 0

  public init(_ rule: Rule = .whenDurable) { self.rule = rule }

  public func start(on node: Node) {
    guard let recovered = node.storage?.recovered else { return }
    if let bytes = recovered.snapshot,
      let list = try? JSONValue(parsing: String(decoding: bytes, as: UTF8.self)),
      case .array(let values) = list
    {
      elements = values.map { RawJSON(encoding: $0) }
    }
    for record in recovered.records {
      guard let value = try? JSONValue(parsing: String(decoding: record, as: UTF8.self)) else { continue }
      elements.append(RawJSON(encoding: value))
    }
    snapshot = elements
  }

  public func receive(_ message: Message, on node: Node) throws(RPCError) {
    switch message.type {
    case "add": add(try message.raw("element"), message, node)
    case "read":
      let elements = elements
      whenDurable(rule == .earlyRead, node) {
        $0.reply(to: message, type: "read_ok") { $0.field("value") { $0.value(elements) } }
      }
    default: throw .notSupported(type: message.type)
    }
  }

  private func add(_ element: RawJSON, _ request: Message, _ node: Node) {
    elements.append(element)
    node.storage?.append(Array(element.description.utf8))
    records += 1
    if records == Self.snapshotInterval { takeSnapshot(node) }
    whenDurable(rule == .earlyAcknowledgement, node) { $0.reply(to: request, type: "add_ok") }
  }

  /// Replies once everything so far is durable; at once if the node has no disk, or if it does not wait.
  private func whenDurable(_ isEarly: Bool, _ node: Node, _ reply: @escaping (Node) -> Void) {
    guard !isEarly, let storage = node.storage else { return reply(node) }
    storage.sync { [self] error, node in
      guard error != nil else { return reply(node) }
      failures += 1
      node.after(Self.retryDelay) { self.whenDurable(isEarly, $0, reply) }
    }
  }

  private func takeSnapshot(_ node: Node) {
    records = 0
    let content = rule == .snapshotOfThePast ? snapshot : elements
    snapshot = elements
    var writer = JSONWriter()
    writer.value(content)
    node.storage?.replaceAll(snapshot: writer.bytes)
  }
}
