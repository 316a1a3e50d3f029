/// The operations of unknown outcome on one register, as effects that may be used.
///
/// Such an operation can take effect at any time after its invocation. So two with the same function and the
/// same values differ by their invocations alone, and once both are invoked they are interchangeable: it
/// suffices to count how many of each kind were used. One whose effect no later operation can observe is left
/// out: a linearization that has it stays one without it.
struct IndefiniteEffects {
  /// All operations with the same function and values.
  struct Kind: Hashable {
    /// ``RegisterOperation/anyValue`` for a write.
    var expected: Int32
    var written: Int32

    var isWrite: Bool { expected == RegisterOperation.anyValue }
  }

  /// Sorted by the value written, writes first.
  private(set) var kinds: [Kind] = []
  /// By kind: its operations, in the order of their invocations.
  private(set) var operations: [[Int]] = []
  /// By operation: its kind; nil for those with a known outcome and for those left out.
  private(set) var kindOfOperation: [Int: Int] = [:]
  /// The kinds that need the register to have a value, by that value; the writes by ``RegisterOperation/anyValue``.
  private var kindsByExpected: [Int32: [Int]] = [:]

  /// The kinds that need the register to have a value, ascending; writes for ``RegisterOperation/anyValue``.
  func kinds(expecting value: Int32) -> [Int] { kindsByExpected[value] ?? [] }

  /// - Complexity: O(operations + (indefinite operations)²).
  init(_ trace: RegisterTrace) {
    let useful = Self.useful(in: trace)
    guard !useful.isEmpty else { return }
    let byKind = Dictionary(grouping: useful) { Kind(trace.operations[$0]) }
    kinds = byKind.keys.sorted { ($0.written, $0.expected) < ($1.written, $1.expected) }
    operations = kinds.map { byKind[$0] ?? [] }
    for (kind, members) in operations.enumerated() {
      for operation in members { kindOfOperation[operation] = kind }
      kindsByExpected[kinds[kind].expected, default: []].append(kind)
    }
  }

  /// The indefinite operations whose effect may be observed, in the order of their invocations.
  private static func useful(in trace: RegisterTrace) -> [Int] {
    var candidates = trace.operations.indices.filter {
      !trace.operations[$0].isDefinite && !trace.operations[$0].changesNothing
    }
    guard !candidates.isEmpty else { return [] }
    // By value: the last time at which an operation of known outcome can observe it.
    var lastObserved: [Int32: Int32] = [:]
    for operation in trace.operations where operation.isDefinite && operation.observes {
      let last = lastObserved[operation.expected] ?? -1
      lastObserved[operation.expected] = max(last, operation.completion)
    }
    // An indefinite compare-and-set observes as long as it is not left out itself.
    while true {
      let observed = Set(candidates.map { trace.operations[$0].expected })
      let kept = candidates.filter {
        let operation = trace.operations[$0]
        return observed.contains(operation.written)
          || (lastObserved[operation.written] ?? -1) > operation.invocation
      }
      guard kept.count < candidates.count else { return kept }
      candidates = kept
    }
  }
}

extension IndefiniteEffects.Kind {
  fileprivate init(_ operation: RegisterOperation) {
    self.init(expected: operation.expected, written: operation.written)
  }
}

/// How many effects of each kind a configuration has used: interned, because few different ones occur.
struct EffectUses {
  /// An index of a multiset of kinds.
  typealias ID = Int32

  /// Nothing was used.
  static let none: ID = 0

  private let kinds: [IndefiniteEffects.Kind]
  /// By id: the kinds used, ascending, each as often as it was.
  private(set) var multisets: [[Int32]] = [[]]
  private var ids: [[Int32]: ID] = [[]: none]

  init(_ effects: IndefiniteEffects) { kinds = effects.kinds }

  /// The number of effects of a kind that were used.
  func count(of kind: Int, in uses: ID) -> Int {
    guard uses != Self.none else { return 0 }
    return multisets[Int(uses)].count { $0 == kind }
  }

  /// The uses after one more of a kind.
  mutating func adding(_ kind: Int, to uses: ID) -> ID {
    var multiset = multisets[Int(uses)]
    multiset.insert(Int32(kind), at: multiset.firstIndex { $0 > kind } ?? multiset.count)
    if let id = ids[multiset] { return id }
    ids[multiset] = ID(multisets.count)
    multisets.append(multiset)
    return ID(multisets.count - 1)
  }

  /// Whether what `a` leaves can do all that what `b` leaves can.
  ///
  /// A write left does whatever a compare-and-set to the same value does. So for each value the writes that
  /// `a` has left over `b` must make up for the compare-and-sets that it lacks.
  ///
  /// - Complexity: O(length of both).
  func leaves(_ a: ID, asMuchAs b: ID) -> Bool {
    if a == b || a == Self.none { return true }
    let (used, other) = (multisets[Int(a)], multisets[Int(b)])
    var (i, j) = (0, 0)
    while i < used.count || j < other.count {
      let next = min(i < used.count ? used[i] : .max, j < other.count ? other[j] : .max)
      let value = kinds[Int(next)].written
      var surplus = 0
      // All kinds with this value, writes first.
      while true {
        let kind = min(i < used.count ? used[i] : .max, j < other.count ? other[j] : .max)
        guard kind != .max, kinds[Int(kind)].written == value else { break }
        var missing = 0
        while i < used.count, used[i] == kind { (i, missing) = (i + 1, missing + 1) }
        while j < other.count, other[j] == kind { (j, missing) = (j + 1, missing - 1) }
        surplus -= kinds[Int(kind)].isWrite ? missing : max(0, missing)
      }
      if surplus < 0 { return false }
    }
    return true
  }
}
