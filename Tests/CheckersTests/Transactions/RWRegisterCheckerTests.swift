import EddyCheckers
import EddyHistory
import EddyNode
import HistoryScripts
import Testing

/// Histories after Elle's `rw_register_test.clj`, Adya's thesis and Hermitage.
struct RWRegisterCheckerTests {
  /// The names that strict serializability, the strongest model, finds something under.
  private func names(_ transactions: Txn...) -> [String] { check([.strictSerializable], transactions).names }

  private func isValid(_ model: ConsistencyModel, _ transactions: [Txn]) -> Bool {
    check([model], transactions).validity == .valid
  }

  // MARK: Right histories

  @Test func aSerialHistoryIsStrictlySerializable() {
    let result = check(
      [.strictSerializable],
      [
        txn("rx_ wx1 wy1", 0...1), txn("rx1 ry1 wx2", 2...3), txn("ry1 wy2 rx2", 4...5),
        txn("rx2 ry2", 6...7),
      ])
    #expect(result.validity == .valid)
    #expect(result.detail("anomaly-types") == "[]")
    #expect(result.detail("not") == "absent")
  }

  @Test func concurrentTransactionsMayTakeAnyOrder() {
    #expect(names(txn("wx1"), txn("rx_"), txn("rx1"), txn("rx1 wx2"), txn("rx2")).isEmpty)
  }

  @Test func anIndeterminateWriteMayBeReadOrNot() {
    for seen in ["1", "_"] {
      #expect(names(txn("wx1", 0...1, .info), txn("rx\(seen) wy1", 2...3)).isEmpty)
      #expect(names(txn("wx1", 0...1, nil), txn("rx\(seen) wy1", 2...3)).isEmpty)
    }
  }

  @Test func whatNobodyDependsOnIsUnknown() {
    #expect(check([.serializable], [txn("wx1 wy2"), txn("wx2 wy1")]).validity == .unknown)
    #expect(check([.serializable], []).validity == .unknown)
  }

  // MARK: Single reads

  @Test(arguments: [
    [txn("wx1", 0...9, .fail), txn("rx1")],
    [txn("rx_ wx1 wy1", 0...9, .fail), txn("ry1 wy2"), txn("ry2")],
  ])
  func readingOfAnAbortedTransactionIsG1a(transactions: [Txn]) {
    #expect(check([.readCommitted], transactions).names == ["G1a"])
    #expect(check([.readUncommitted], transactions).names.isEmpty)
  }

  @Test(arguments: [
    [txn("wx1 wx2"), txn("rx1")],
    [txn("wx1 ry_ wx2 wx3", 0...9, .info), txn("wy1 rx2")],
    [txn("wx1 wx2", 0...9, nil), txn("rx1 wx3"), txn("rx3")],
  ])
  func readingWhatItsWriterOverwroteIsG1b(transactions: [Txn]) {
    #expect(check([.readCommitted], transactions).names == ["G1b"])
    #expect(check([.readUncommitted], transactions).names.isEmpty)
  }

  @Test func ownIntermediateWritesMayBeRead() {
    #expect(names(txn("wx1 rx1 wx2 rx2"), txn("rx2")).isEmpty)
  }

  @Test(arguments: ["wx1 rx_", "rx7 rx8", "wx1 rx7", "rx_ wx1 wx2 rx1", "rx_ rx7"])
  func forgettingWhatOneReadOrWroteIsInternal(steps: String) {
    let writers = [txn("wx7", 0...1), txn("rx7 wx8", 2...3)]
    #expect(check([.readAtomic], writers + [txn(steps, 0...9)]).names.contains("internal"))
    #expect(isValid(.cursorStability, writers + [txn(steps, 0...9)]))
  }

  @Test(arguments: ["rx5", "wx1 rx1 ry5"])
  func readingWhatNobodyWroteIsAGarbageRead(steps: String) {
    #expect(check([.readUncommitted], [txn(steps), txn("wz5")]).names == ["garbage-read"])
  }

  /// A node that carries out all writes of a transaction before its reads.
  @Test(arguments: [[txn("rx1 wx1"), txn("rx1")], [txn("wy1 rx2 wx2"), txn("ry1")]])
  func readingOnesOwnFutureIsCalledSo(transactions: [Txn]) {
    #expect(check([.readCommitted], transactions).names == ["future-read"])
    #expect(check([.readUncommitted], transactions).names.isEmpty)
  }

  @Test func anAnswerToAnotherTransactionIsAltered() {
    for answer in [#"[["w","x",2]]"#, "[]", #"[["r","x",1]]"#, #"[["w","y",1]]"#] {
      let history = History(
        op("txn", #"[["w","x",1]]"#, result: answer, 0...1), op("txn", #"[["r","x",null]]"#, 2...3))
      #expect(RWRegisterChecker([.readUncommitted]).check(history).names == ["altered"], "\(answer)")
    }
    let respelled = History(op("txn", #"[["w","x",1]]"#, result: #"[ ["w", "\u0078", 1] ]"#, 0...1))
    #expect(RWRegisterChecker([.readUncommitted]).check(respelled).names.isEmpty)
  }

  // MARK: Updates

  @Test(arguments: [
    [txn("wx0"), txn("rx0 wx1"), txn("rx0 wx2")],
    [txn("rx_ wx1"), txn("ry_ rx_ wx2"), txn("rx2")],
  ])
  func twoUpdatesOfOneVersionAreALostUpdate(transactions: [Txn]) {
    #expect(check([.cursorStability], transactions).names == ["lost-update"])
    #expect(check([.updateAtomic], transactions).names == ["lost-update"])
    #expect(check([.repeatableRead], transactions).names == ["lost-update", "G2-item"])
    #expect(isValid(.readAtomic, transactions))
  }

  @Test(arguments: [
    [txn("rx1 wx2"), txn("rx2 wx1")],
    [txn("rx3 wx1"), txn("rx1 wx2"), txn("rx2 wx3")],
  ])
  func versionsThatPrecedeEachOtherAreCyclic(transactions: [Txn]) {
    let result = check([.readUncommitted], transactions)
    #expect(result.names == ["cyclic-versions"])
    #expect(result.detail("not") == #"["read-uncommitted"]"#)
  }

  // MARK: Cycles

  @Test(arguments: [
    // Each overwrote a key that the other had written.
    [txn("ry9 wy1 wx1"), txn("rx1 wx2 wy9")],
    [txn("rz3 wz4 wx1"), txn("rx1 wx2 wy1"), txn("ry1 wy2 wz3")],
  ])
  func aCycleOfWritesIsG0(transactions: [Txn]) {
    #expect(check([.readUncommitted], transactions).names == ["G0"])
    #expect(check([.strictSerializable], transactions).names.contains("G0"))
  }

  /// Maelstrom's issue 56: both transactions wrote between writes of the other.
  @Test func writesBetweenEachOthersWritesAreG0() {
    let result = check([.readUncommitted], [txn("rx1 wx10 rx3 wx11"), txn("wx1 rx1 rx10 wx2 wx3 rx3")])
    #expect(result.names == ["G0"])
    #expect(
      result.explanations
        == #"T1 < T2, because T1 set key "x" to 10, which T2 read and set to 2; but T2 < T1, because T2 set key "x" "#
        + #"to 1, which T1 read and set to 10. Here T1 is [["r","x",1],["w","x",10],["r","x",3],["w","x",11]] on n0 at "#
        + #"0.009 s (operation 2); T2 is [["w","x",1],["r","x",1],["r","x",10],["w","x",2],["w","x",3],["r","x",3]] "#
        + "on n0 at 0.009 s (operation 3).")
    #expect(check([.readUncommitted], [txn("rx1 wx2 rx3 wx4"), txn("wx1 rx2 wx3")]).names == ["G0"])
  }

  @Test func writesWithoutReadsTellNoOrder() {
    #expect(check([.readUncommitted], [txn("wx1 wy2"), txn("wx2 wy1"), txn("rx1 ry1")]).validity == .valid)
  }

  @Test(arguments: [
    [txn("wx1 ry1"), txn("wy1 rx1")],
    [txn("wx1 rz1"), txn("rx1 wy1"), txn("ry1 wz1")],
  ])
  func aCycleOfInformationIsG1c(transactions: [Txn]) {
    #expect(check([.readCommitted], transactions).names == ["G1c"])
    #expect(check([.serializable], transactions).names == ["G1c"])
    #expect(isValid(.readUncommitted, transactions))
  }

  @Test(arguments: [
    // Sees one write of a transaction and not the other.
    [txn("rx_ ry1"), txn("wy1 wx2")],
    [txn("ry1 wx1 wy2"), txn("rx1 ry1"), txn("wy1")],
    [txn("wx1 wy1"), txn("rx1 wx2 ry1 wy2"), txn("rx2 ry1")],
  ])
  func aCycleWithOneAntidependencyIsGSingle(transactions: [Txn]) {
    let result = check([.consistentView], transactions)
    #expect(result.names == ["G-single-item"])
    #expect(result.detail("not") == #"["consistent-view","repeatable-read"]"#)
    #expect(check([.snapshotIsolation], transactions).names == ["G-single-item"])
    #expect(isValid(.readAtomic, transactions))
    #expect(isValid(.monotonicView, transactions))
  }

  @Test(arguments: [
    // Long fork: two writes are seen in different orders.
    [txn("wx1"), txn("wy1"), txn("rx1 ry_"), txn("rx_ ry1")],
    [txn("wx1 wa1"), txn("wy1 wb1"), txn("ra1 ry_"), txn("rx_ rb1")],
  ])
  func antidependenciesApartAreGNonadjacent(transactions: [Txn]) {
    #expect(check([.snapshotIsolation], transactions).names == ["G-nonadjacent-item"])
    #expect(check([.serializable], transactions).names == ["G-nonadjacent-item"])
    #expect(isValid(.parallelSnapshotIsolation, transactions))
    #expect(isValid(.forwardConsistentView, transactions))
  }

  @Test(arguments: [
    // Write skew.
    [txn("rx_ ry_ wx1"), txn("rx_ ry_ wy1")],
    [txn("rx_ wy1"), txn("ry_ wz1"), txn("rz_ wx1")],
    [txn("wx1 wy1"), txn("rx1 ry1 wx2"), txn("ry1 rx1 wy2")],
  ])
  func antidependenciesInARowAreG2(transactions: [Txn]) {
    #expect(check([.serializable], transactions).names == ["G2-item"])
    #expect(check([.repeatableRead], transactions).names == ["G2-item"])
    #expect(isValid(.updateSerializable, transactions))
    #expect(isValid(.snapshotIsolation, transactions))
  }

  // MARK: Processes and real time

  @Test(arguments: [
    [txn("wx1", 0...1), txn("rx_", 2...3)],
    [txn("wx1", 0...9), txn("rx1", 2...3), txn("rx_", 4...5)],
  ])
  func missingWhatWasThereBeforeIsGSingleAgainstRealTime(transactions: [Txn]) {
    #expect(check([.strictSerializable], transactions).names == ["G-single-item-realtime"])
    #expect(check([.strongSnapshotIsolation], transactions).names == ["G-single-item-realtime"])
    #expect(isValid(.serializable, transactions))
  }

  @Test func whatIsConcurrentOrIndeterminateMayBeMissed() {
    #expect(names(txn("wx1", 0...2), txn("rx_", 1...3)).isEmpty)
    #expect(names(txn("wx1", 0...1, .info), txn("rx_", 2...3)).isEmpty)
    #expect(names(txn("rx_", 0...1), txn("wx1", 0...9)).isEmpty)
  }

  @Test(arguments: [
    [txn("wx1", 0...1, by: 1), txn("rx_", 2...3, by: 1)],
    [txn("wx1", 0...1, by: 1), txn("rx1", 2...3, by: 2), txn("rx_", 4...5, by: 2)],
  ])
  func missingWhatTheProcessKnewIsGSingleAgainstItsSession(transactions: [Txn]) {
    #expect(check([.strongSessionSnapshotIsolation], transactions).names == ["G-single-item-process"])
    #expect(check([.strongSessionSerializable], transactions).names == ["G-single-item-process"])
    #expect(isValid(.serializable, transactions))
  }

  @Test func otherProcessesMayMissWhatOneKnows() {
    let transactions = [txn("wx1", 0...1, by: 1), txn("rx_ ry1", 2...3, by: 2), txn("wy1", 2...3, by: 3)]
    #expect(isValid(.strongSessionSerializable, transactions))
    #expect(check([.strictSerializable], transactions).names == ["G-single-item-realtime"])
  }

  @Test(arguments: [
    // Reads what is written only later.
    [txn("rx1", 0...1, by: 1), txn("wx1", 2...3, by: 1)],
    [txn("rx1 wy1", 0...1, by: 1), txn("ry1 wz1", 0...1, by: 2), txn("wx1", 2...3, by: 2)],
  ])
  func readingTheFutureIsG1cAgainstProcessAndRealTime(transactions: [Txn]) {
    #expect(check([.strongReadCommitted], transactions).names == ["G1c-realtime"])
    #expect(check([.strongSessionReadCommitted], transactions).names == ["G1c-process"])
    #expect(isValid(.serializable, transactions))
    #expect(isValid(.strongReadUncommitted, transactions))
  }

  @Test(arguments: [
    [txn("rx1 wx2", 0...1, by: 1), txn("wx1", 2...3, by: 1)],
    [txn("rx1 wx2 wy1", 0...1, by: 1), txn("ry1 wy2", 2...3, by: 1), txn("wx1", 4...5, by: 1)],
  ])
  func overwritingTheFutureIsG0AgainstProcessAndRealTime(transactions: [Txn]) {
    #expect(check([.strongReadUncommitted], transactions).names == ["G0-realtime"])
    #expect(check([.strongSessionReadUncommitted], transactions).names == ["G0-process"])
    #expect(isValid(.readCommitted, transactions))
  }

  @Test(arguments: [
    [
      txn("wx1", 0...1, by: 1), txn("wy1", 0...1, by: 2), txn("rx1", 2...3, by: 3), txn("ry_", 4...5, by: 3),
      txn("ry1", 2...3, by: 4), txn("rx_", 4...5, by: 4),
    ],
    [
      txn("wx1", 0...1, by: 1), txn("wy1", 0...1, by: 2), txn("rx1", 0...3, by: 3), txn("rz_", 3...4, by: 3),
      txn("ry_", 4...5, by: 3), txn("ry1", 0...3, by: 4), txn("rx_", 4...5, by: 4),
    ],
  ])
  func aLongForkOverSeveralTransactionsIsGNonadjacentAgainstProcesses(transactions: [Txn]) {
    #expect(check([.strongSessionSnapshotIsolation], transactions).names == ["G-nonadjacent-item-process"])
    #expect(isValid(.serializable, transactions))
  }

  @Test(arguments: [
    // The last one misses what the first two show to be older than what it follows in time.
    [txn("wy1 wa1", 0...9), txn("ra1 rz_", 0...9), txn("wz1", 0...1), txn("ry_", 2...3)],
    [txn("wy1", 0...9), txn("ry1 wa1", 0...9), txn("ra1 rz_", 0...9), txn("wz1", 0...1), txn("ry_", 2...3)],
  ])
  func antidependenciesApartAreGNonadjacentAgainstRealTime(transactions: [Txn]) {
    #expect(check([.strongSnapshotIsolation], transactions).names == ["G-nonadjacent-item-realtime"])
    #expect(check([.strictSerializable], transactions).names == ["G-nonadjacent-item-realtime"])
    #expect(isValid(.serializable, transactions))
  }

  @Test(arguments: [
    [txn("wx1", 0...1, by: 1), txn("rx_ wy1", 0...9, by: 2), txn("ry_", 2...3, by: 1)],
    [
      txn("wx1", 0...1, by: 1), txn("ra_", 2...3, by: 1), txn("rx_ wy1", 0...9, by: 2),
      txn("ry_", 4...5, by: 1),
    ],
  ])
  func writeSkewOverTimeIsG2AgainstProcessAndRealTime(transactions: [Txn]) {
    #expect(check([.strictSerializable], transactions).names == ["G2-item-realtime"])
    #expect(check([.strongSessionSerializable], transactions).names == ["G2-item-process"])
    #expect(isValid(.strongSnapshotIsolation, transactions))
    #expect(isValid(.serializable, transactions))
  }

  // MARK: Transactions of unknown outcome

  /// What was read has committed: its writes are part of the order, with and without an `info` entry.
  @Test(arguments: [Operation.Kind.info, nil])
  func aTransactionOfUnknownOutcomeThatWasReadHasItsPlaceInTheOrder(outcome: Operation.Kind?) {
    // Sees one of its writes and not the other.
    #expect(names(txn("wx1 wy1", 0...1, outcome), txn("rx1 ry_", 2...3)) == ["G-single-item"])
    // It was read before it was invoked.
    #expect(names(txn("rx1", 0...1), txn("wx1", 2...3, outcome)) == ["G1c-realtime"])
    // Two see it and another write in different orders.
    #expect(
      check(
        [.snapshotIsolation],
        [txn("wx1", 0...9, outcome), txn("wy1"), txn("rx1 ry_"), txn("rx_ ry1")]
      ).names == ["G-nonadjacent-item"])
    // It missed what was there before: nobody knows, for what it read is unknown.
    #expect(names(txn("wx1", 0...1), txn("rx_ wy1", 2...3, outcome), txn("ry1", 4...5)).isEmpty)
  }

  @Test func aTransactionOfUnknownOutcomeMayTakeEffectLongAfterItsEnd() {
    #expect(
      names(txn("wx1", 0...1, .info), txn("rx_", 2...3), txn("rx1", 4...5), txn("rx1 wx2", 6...7)).isEmpty)
    // Once seen it must not be missed.
    #expect(
      names(txn("wx1", 0...1, .info), txn("rx1", 2...3), txn("rx_", 4...5)) == ["G-single-item-realtime"])
  }

  @Test func aTransactionOfUnknownOutcomeThatNobodyReadClaimsNothing() {
    #expect(names(txn("wx1 wy1", 0...1, .info), txn("wx2", 2...3), txn("rx2 ry_", 4...5)).isEmpty)
  }

  /// Under read-uncommitted a read proves no commit: it may have been dirty.
  @Test func whereDirtyReadsAreAllowedAReadProvesNothing() {
    let overwritten = [txn("rx1 wx2", 0...1), txn("wx1", 2...3, .info)]
    #expect(check([.strongReadUncommitted], overwritten).names.isEmpty)
    #expect(check([.strongReadCommitted], overwritten).names == ["G0-realtime"])
  }

  @Test func aTransactionOfUnknownOutcomeIsNamedAsSuch() {
    let result = check([.serializable], [txn("wx1 wy1", 0...1, .info), txn("rx1 ry_", 2...3)])
    #expect(
      result.explanations.contains("whose outcome is unknown to the client, but whose write was read"))
  }

  // MARK: Words

  @Test func aCycleIsExplainedWithItsOperations() {
    let result = check([.serializable], [txn("rx_ ry1", 0...3), txn("wy1 wx2", 1...2)])
    #expect(
      result.explanations
        == #"T1 < T2, because T1 found key "x" unwritten, and T2 set it to 2; but T2 < T1, because T2 set key "y" "#
        + #"to 1, which T1 read. Here T1 is [["r","x",null],["r","y",1]] on n0 at 0.003 s (operation 3); T2 is "#
        + #"[["w","y",1],["w","x",2]] on n0 at 0.002 s (operation 2)."#)
    #expect(result.anomalies.map(\.operations) == [[3, 2]])
  }

  @Test func realTimeIsExplainedWithBothInstants() {
    let result = check([.strictSerializable], [txn("wx1", 0...1), txn("rx_", 2...3)])
    #expect(result.explanations.contains("T2 completed (operation 1) before T1 was invoked (operation 2)"))
  }
}
