import Node

/// A peer of a ``ScriptedNode`` in gossip, which says what the test has it say.
final class ScriptedPeer {
  let name: String
  let life: JSONValue = 7
  private let route: JSONValue
  private var stamp = 0

  init(_ name: String, route: JSONValue) {
    self.name = name
    self.route = route
  }

  func say(_ fields: JSONObject, to node: ScriptedNode) {
    stamp += 1
    var fields = fields
    fields["life"] = life
    fields["at"] = JSONValue(stamp)
    fields["route"] = route
    node.receive("gossip", fields, from: name)
  }

  /// Says, as a proof that `message` came, all that it has.
  func answer(
    _ message: Message, to node: ScriptedNode, having counts: JSONValue, _ fields: JSONObject = [:]
  ) {
    var fields = fields
    guard let stamp = try? message.value("at") else { preconditionFailure("gossip bears a stamp") }
    fields["echo"] = [stamp, 0]
    fields["have"] = counts
    fields["complete"] = true
    say(fields, to: node)
  }
}
