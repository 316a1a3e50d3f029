import EddyHistory
public import EddyNode

/// `seq-kv`: all requests have one order, and each client moves forward in it, but may lag.
///
/// A request is first tried on a random state among the last 32, none older than the client has seen.
/// If it changes nothing there, that was it: a read may be stale, a compare-and-set may fail although
/// it would succeed now, and a write of the value that the key had then is acknowledged and lost on
/// all that came since. Otherwise it is carried out on the newest state.
///
/// One deviation from Maelstrom's `service.clj`: there a client that has been silent for more than 32
/// states may go back in time, because its ring buffer wraps round. Here its view is monotonic, as the
/// document promises.
public struct SequentialKV: Service {
  public static let name = "seq-kv"
  /// How many states are kept.
  static let depth = 32

  /// A key's value from some state on.
  private struct Version {
    var state: Int
    var value: RawJSON
  }

  /// What differs between the kept states: each key's versions, oldest first.
  private var versions: [CanonicalJSON: [Version]] = [:]
  /// The newest state's number.
  private var newest = 0
  /// The state that each client has seen last.
  private var views: [String: Int] = [:]

  public init() {}

  public mutating func handle(
    _ request: Message, from client: String, _ random: inout SeededGenerator
  ) throws(RPCError) -> ServiceReply {
    let request = try KeyValueRequest(request)
    let oldest = max(views[client] ?? 0, newest - (Self.depth - 1))
    let past = oldest + random.below(newest - oldest + 1)
    let pastValue = value(of: request.key, at: past)
    let pastEffect = request.effect(on: pastValue)
    if changesNothing(pastEffect, pastValue) {
      views[client] = past
      return try pastEffect.reply.get()
    }
    let effect = request.effect(on: value(of: request.key, at: newest))
    newest += 1
    views[client] = newest
    if let written = effect.written { store(written, at: request.key) }
    return try effect.reply.get()
  }

  private func changesNothing(_ effect: KeyValueRequest.Effect, _ value: RawJSON?) -> Bool {
    guard let written = effect.written else { return true }
    return value?.means(written) ?? false
  }

  private func value(of key: CanonicalJSON, at state: Int) -> RawJSON? {
    versions[key]?.last { $0.state <= state }?.value
  }

  /// Adds a version, and forgets those that no kept state shows any more.
  private mutating func store(_ value: RawJSON, at key: CanonicalJSON) {
    let oldestKept = newest - (Self.depth - 1)
    versions[key, default: []].append(Version(state: newest, value: value))
    let firstShown = versions[key]!.lastIndex { $0.state <= oldestKept } ?? 0
    versions[key]!.removeFirst(firstShown)
  }
}
