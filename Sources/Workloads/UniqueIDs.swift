public import EddyNode

/// Maelstrom's `unique-ids`: generates cluster-wide unique IDs without coordination.
///
/// An ID is a 63-bit integer: a prefix of 43 bits that belongs to one incarnation of a node, and a count of 20
/// bits. The lowest bits of the prefix are the node's index, so two nodes never generate the same ID. The others
/// are drawn at random whenever the node starts or has used its count up, so a node that was started again does
/// not repeat itself. Among 3 nodes two incarnations of a node draw the same prefix with probability 2⁻⁴¹.
public final class UniqueIDs: Handler {
  private static let prefixBits = 43
  private let countBits: Int

  private var prefix = 0
  private var count = 0

  /// A node before its `init`. It draws a new prefix after a million IDs.
  public convenience init() { self.init(countBits: 20) }

  /// A node whose count has fewer bits, so that a test uses it up sooner.
  package init(countBits: Int) { self.countBits = countBits }

  public func start(on node: Node) { drawPrefix(node) }

  public func receive(_ request: Message, on node: Node) throws(RPCError) {
    guard request.type == "generate" else { throw .notSupported(type: request.type) }
    if count == 1 << countBits { drawPrefix(node) }
    let id = prefix << countBits | count
    count += 1
    node.reply(to: request, type: "generate_ok") { $0.field("id", id) }
  }

  private func drawPrefix(_ node: Node) {
    let nodeBits = Int.bitWidth - (node.cluster.count - 1).leadingZeroBitCount
    let random = node.random.below(1 << (Self.prefixBits - nodeBits))
    prefix = random << nodeBits | node.index
    count = 0
  }
}
