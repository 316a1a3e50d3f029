public import EddyNode

/// `seq-kv`: sequentially consistent. All requests have one order, and each client advances in it but may lag
/// behind.
///
/// A request is first tried on a random one of the last 32 states, none older than the client has seen. If it
/// does not change that state, that result is final: a read may be stale, a compare-and-set may fail although
/// it would succeed now, and a write of the value that the key had then is acknowledged although later states
/// do not show it. Otherwise the request is carried out on the newest state.
///
/// It deviates from Maelstrom's `service.clj` in one point: there a client that was silent for more than 32
/// states may go back in time, because the ring buffer wraps around. Here a client's view is monotonic, as
/// Maelstrom's documentation promises.
public struct SequentialKV: Service {
  public static let name = "seq-kv"
  /// The number of states kept.
  static let depth = 32

  /// A key's value since a given state.
  private struct Version {
    var state: Int
    var value: RawJSON
  }

  /// Each key's versions, oldest first: the differences between the kept states.
  private var versions: [CanonicalJSON: [Version]] = [:]
  /// The newest state's number.
  private var newest = 0
  /// The last state seen by each client.
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
      return ServiceReply(try pastEffect.reply.get())
    }
    let effect = request.effect(on: value(of: request.key, at: newest))
    newest += 1
    views[client] = newest
    if let written = effect.written { store(written, at: request.key) }
    return ServiceReply(try effect.reply.get())
  }

  private func changesNothing(_ effect: KeyValueRequest.Effect, _ value: RawJSON?) -> Bool {
    guard let written = effect.written else { return true }
    return value?.means(written) ?? false
  }

  private func value(of key: CanonicalJSON, at state: Int) -> RawJSON? {
    versions[key]?.last { $0.state <= state }?.value
  }

  /// Adds a version and removes those that no kept state shows any more.
  private mutating func store(_ value: RawJSON, at key: CanonicalJSON) {
    let oldestKept = newest - (Self.depth - 1)
    versions[key, default: []].append(Version(state: newest, value: value))
    let firstShown = versions[key]!.lastIndex { $0.state <= oldestKept } ?? 0
    versions[key]!.removeFirst(firstShown)
  }
}
