public import EddyCheckers
public import EddyHistory
import EddyNetwork
public import EddyNode

/// Reads, writes, and compares and sets registers in a key-value store. The checker demands that the operations
/// on each key are linearizable.
///
/// After `jepsen.tests.linearizable-register` with Maelstrom's client. A group of threads works on one key until
/// too many of its processes have crashed, and then on the next; see `RegisterGroups`.
public struct LinKVWorkload: Workload {
  public static let name = "lin-kv"
  /// Values written are below this bound, so that some compare-and-sets succeed.
  private static let valueBound = 5

  public let requestTimeout: Duration
  private var groups: RegisterGroups
  /// The key that the probes of all nodes share; nil before the first one.
  private var probedKey: Int?

  public init(_ options: TestOptions) {
    groups = RegisterGroups(
      threads: options.concurrency, nodes: options.nodes.count, keyCount: options.keyCount)
    requestTimeout = max(.seconds(1), .seconds(options.latency.mean / 1000) * 10)
  }

  // MARK: Client

  public func makeClient(process: Int, node: String) -> any Client {
    SingleRequestClient(idempotent: ["read"]) { invocation in
      let (key, value) = Self.pair(invocation.value)
      switch invocation.function {
      case "write":
        return (
          Request("write") {
            $0.field("key", key)
            $0.field("value", value)
          }, .init("write_ok")
        )
      case "cas":
        let (from, to) = Self.pair(value)
        return (
          Request("cas") {
            $0.field("key", key)
            $0.field("from", from)
            $0.field("to", to)
          }, .init("cas_ok")
        )
      default: return (Request("read") { $0.field("key", key) }, .init("read_ok", fields: ["value"]))
      }
    } result: { invocation, reply in
      guard invocation.function == "read" else { return invocation.value }
      return RawJSON(encoding: [Self.pair(invocation.value).0, try reply.raw("value")])
    }
  }

  /// The elements of an array of two; `null` for those that are missing.
  private static func pair(_ value: RawJSON?) -> (RawJSON, RawJSON) {
    var reader = (value ?? .null).reader
    let elements = try? reader.readArray { (reader) throws(JSONError) in try reader.readRaw() }
    return (elements?.first ?? .null, elements?.dropFirst().first ?? .null)
  }

  // MARK: Generator

  public mutating func chooseThread(
    of count: Int, isFree: (Int) -> Bool, _ random: inout SeededGenerator
  ) -> Int? {
    groups.chooseThread(isFree: isFree, &random)
  }

  public mutating func nextInvocation(
    for thread: ClientThread, _ random: inout SeededGenerator
  ) -> Invocation? {
    let key = groups.nextKey(for: thread.index, &random)
    switch groups.role(of: thread.index, &random) {
    case .read: return Self.read(key)
    case .change:
      let isWrite = random.below(3) == 0
      let value = random.below(Self.valueBound)
      return isWrite ? Self.write(key, value) : Self.cas(key, value, random.below(Self.valueBound))
    }
  }

  public mutating func observe(_ completion: Operation) {
    guard completion.kind == .info, case .client(let process) = completion.process else { return }
    groups.noteCrash(of: process)
  }

  private static func read(_ key: Int) -> Invocation {
    Invocation("read", RawJSON(encoding: [RawJSON(key), .null]))
  }

  private static func write(_ key: Int, _ value: Int) -> Invocation {
    Invocation("write", RawJSON(encoding: [key, value]))
  }

  private static func cas(_ key: Int, _ from: Int, _ to: Int) -> Invocation {
    Invocation("cas", RawJSON(encoding: [RawJSON(key), RawJSON(encoding: [from, to])]))
  }

  // MARK: Probes

  /// All probes write the same value to one key, so that each later function of a client succeeds.
  public var probedFunctions: [[String]] { [["write", "cas", "read"]] }

  public mutating func invocation(of function: String, _ random: inout SeededGenerator) -> Invocation {
    let key = probedKey ?? groups.takeKey()
    probedKey = key
    switch function {
    case "write": return Self.write(key, 0)
    case "cas": return Self.cas(key, 0, 0)
    default: return Self.read(key)
    }
  }

  // MARK: Checker

  public var checker: any Checker { LinearizabilityChecker() }
}
