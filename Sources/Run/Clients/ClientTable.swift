import EddyTiming

/// The network clients by the numbers in their names: c0, c1, c2, ….
///
/// Numbers are not reused, so that a late reply to a closed client reaches no other.
struct ClientTable {
  /// The purpose of a client.
  enum Role {
    /// It has sent a node `init`; `timer` is the request's timeout.
    case initializing(node: Int, timer: TimerID)
    /// It has sent a node the workload's setup request; `timer` is the request's timeout.
    case settingUp(node: Int, timer: TimerID)
    /// It invokes the operations of this worker.
    case worker(Int)
  }

  /// Roles by client number; nil for a closed client.
  private var roles: [Role?] = []

  /// The number of the next client to be opened.
  var nextNumber: Int { roles.count }

  /// Opens a client and returns its number.
  @discardableResult
  mutating func open(_ role: Role) -> Int {
    roles.append(role)
    return roles.count - 1
  }

  mutating func close(_ client: Int) { roles[client] = nil }

  /// Replaces the role of a client, for example to change its timer.
  mutating func assign(_ role: Role, to client: Int) { roles[client] = role }

  func role(of client: Int) -> Role? { roles[client] }

  static func name(of client: Int) -> String { "c" + String(client) }

  /// The client with this name, open or closed; nil if there was none.
  func client(named name: String) -> Int? {
    // "c5" is client 5. "c+5" and "c05" have the same number but are no client's name.
    guard let number = Int(name.dropFirst()), roles.indices.contains(number), name == Self.name(of: number)
    else { return nil }
    return number
  }
}
