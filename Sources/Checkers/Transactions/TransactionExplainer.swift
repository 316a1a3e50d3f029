import EddyHistory
import EddyNode
import EddyTiming

/// Makes anomalies with explanations from the findings on transactions.
struct TransactionExplainer {
  let history: History
  let index: TransactionHistory
  let versions: VersionOrder
  /// The longest lists; nil for registers.
  let orders: ListOrders?

  init(_ history: History, _ index: TransactionHistory, _ versions: VersionOrder, _ orders: ListOrders?) {
    self.history = history
    self.index = index
    self.versions = versions
    self.orders = orders
  }
}

// MARK: - Names

extension TransactionExplainer {
  func operation(_ transaction: Int) -> Operation { history.operations[entry(of: transaction)] }

  /// The index of a transaction's completion in the history, or of its invocation if it has none.
  func entry(of transaction: Int) -> Int { Int(index.transactions[transaction].operation) }

  /// A transaction with node, time and index, such as `[["r",1,2]] on n0 at 0.010 s (operation 3)`.
  func name(_ transaction: Int) -> String {
    let isUnknown = index.transactions[transaction].status == .observed
    let write = index.type == .list ? "append" : "write"
    return "\(operation(transaction).shortValue) \(operation(transaction).whereAndWhen)"
      + (isUnknown ? ", whose outcome is unknown to the client, but whose \(write) was read" : "")
  }

  func keyName(_ key: Int) -> String { "key \(index.reader.keys.values[key].excerpt)" }

  func key(_ version: Int) -> String { keyName(index.key(of: version)) }

  func value(_ version: Int) -> String {
    index.versions[version].value.map { index.reader.values.values[$0].excerpt } ?? "null"
  }

  /// A list of elements, shortened to fit a sentence.
  func list(_ elements: some Sequence<some BinaryInteger>) -> String {
    let texts = elements.map { index.reader.values.values[Int($0)].description }
    return "[\(texts.joined(separator: ","))]".shortened(to: 80)
  }
}

// MARK: - Replies

extension TransactionExplainer {
  /// The completions whose micro-operations are not those requested.
  func explain(altered: [Int]) -> [Anomaly] {
    Anomaly.group(
      "altered", altered,
      "\(altered.count.grouped) replies were about other transactions than were requested.",
      explain: explainAltered)
  }

  private func explainAltered(_ completion: Int) -> Anomaly.Example {
    let completed = history.operations[completion]
    let requested = history.invocation(of: completed)
    return Anomaly.Example(
      "The reply to \(requested?.shortValue ?? "a transaction") \(completed.whereAndWhen) was "
        + "\(completed.shortValue), which is another transaction.",
      operations: [completion])
  }

  /// The completions with something other than a list in the place of one, and those of malformed replies.
  func explain(malformed: [Int]) -> [Anomaly] {
    let entries = history.operations
    let rejected = entries.indices.filter { entries[$0].isClient && entries[$0].isReplyMalformed }
    return Anomaly.group(
      "malformed-reply", (malformed + rejected).sorted(),
      "\((malformed.count + rejected.count).grouped) replies were no transactions that read lists.",
      explain: explainMalformed)
  }

  private func explainMalformed(_ completion: Int) -> Anomaly.Example {
    let completed = history.operations[completion]
    let requested = history.invocation(of: completed)?.shortValue ?? "a transaction"
    let defect =
      completed.kind == .ok
      ? "was \(completed.shortValue), in which a read returned something other than a list or null."
      : "was no transaction: \((completed.error?.text ?? "").shortened(to: 200))"
    return Anomaly.Example(
      "The reply to \(requested) \(completed.whereAndWhen) \(defect)", operations: [completion])
  }

  /// Why nothing can be concluded from the versions, in a sentence; nil if something can.
  var reasonForDoubt: String? {
    guard let version = index.rewritten.first else { return nil }
    let verb = index.type == .list ? "append" : "write"
    return
      "several transactions \(verb) \(value(version)) to \(key(version)), so a read of it does not tell whose "
      + "it was. The checker needs a load in which each value of a key is written once."
  }
}
