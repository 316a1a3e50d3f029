public import EddyNode

/// Maelstrom's `unique-ids`: ids that no node has given out before, without asking anybody.
///
/// An id is a 63-bit integer: 43 bits that belong to one life of one node, and a count of
/// 20 bits. Of the 43 the lowest tell the nodes apart, so that two nodes never agree; the rest
/// are drawn at random whenever a node starts or has used its count up, so that a node that
/// lost its memory does not repeat itself. For 3 nodes, two of a node's lives meet with
/// probability 2⁻⁴¹.
public final class UniqueIDs: Handler {
  private static let prefixBits = 43
  private let countBits: Int

  private var prefix = 0
  private var count = 0

  /// A node before its `init`, with room for a million ids before it draws again.
  public convenience init() { self.init(countBits: 20) }

  /// With fewer bits a test uses the count up sooner.
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
