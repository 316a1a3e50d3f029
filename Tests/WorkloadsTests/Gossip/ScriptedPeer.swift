import EddyNode

/// A peer of a ``ScriptedNode`` in gossip, which says what the test has it say.
final class ScriptedPeer {
  let name: String
  let incarnation: JSONValue = 7
  private let route: JSONValue
  private var stamp = 0
  /// The node's incarnation, once it was heard.
  private var receiver: JSONValue?

  init(_ name: String, route: JSONValue) {
    self.name = name
    self.route = route
  }

  func say(_ fields: JSONObject, to node: ScriptedNode) {
    stamp += 1
    var fields = fields
    fields["incarnation"] = incarnation
    fields["to"] = receiver
    fields["at"] = JSONValue(stamp)
    fields["route"] = route
    node.receive("gossip", fields, from: name)
  }

  /// Learns from a message which incarnation of the node it speaks to.
  func hear(_ message: Message) { receiver = try? message.value("incarnation") }

  /// Says, as a proof that `message` came, all that it has.
  func answer(
    _ message: Message, to node: ScriptedNode, having counts: JSONValue, _ fields: JSONObject = [:]
  ) {
    hear(message)
    var fields = fields
    guard let stamp = try? message.value("at") else { preconditionFailure("gossip bears a stamp") }
    fields["echo"] = [stamp, 0]
    fields["acks"] = counts
    fields["complete"] = true
    say(fields, to: node)
  }
}
