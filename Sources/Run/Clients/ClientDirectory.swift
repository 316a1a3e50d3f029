import EddyTiming

/// The clients of the network by the numbers in their names: c0, c1, c2 and so on.
///
/// A number is never used again: a late reply to a client that is gone reaches nobody.
struct ClientDirectory {
  /// What a client is there for.
  enum Role {
    /// It sent a node its `init`; `timer` is the time-out.
    case initializing(node: Int, timer: TimerID)
    /// It sent a node the workload's setup request; `timer` is the time-out.
    case settingUp(node: Int, timer: TimerID)
    /// It invokes the operations of this worker.
    case worker(Int)
  }

  /// By number; nil for a client that is gone.
  private var roles: [Role?] = []

  /// The number of the client that is opened next.
  var nextNumber: Int { roles.count }

  /// Gives a new client its number.
  @discardableResult
  mutating func open(_ role: Role) -> Int {
    roles.append(role)
    return roles.count - 1
  }

  mutating func close(_ client: Int) { roles[client] = nil }

  /// Gives a client another role, such as the same one with a new timer.
  mutating func assign(_ role: Role, to client: Int) { roles[client] = role }

  func role(of client: Int) -> Role? { roles[client] }

  static func name(of client: Int) -> String { "c" + String(client) }

  /// The client of that name, gone or not; nil if there was none.
  func client(named name: String) -> Int? {
    // "c5" is client 5; "c+5" and "c05", which read as the same number, are nobody.
    guard let number = Int(name.dropFirst()), roles.indices.contains(number), name == Self.name(of: number)
    else { return nil }
    return number
  }
}
