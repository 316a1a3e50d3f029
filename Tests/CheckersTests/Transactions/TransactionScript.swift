import EddyCheckers
import EddyHistory
import EddyNode
import EddyTiming
import HistoryScripts

/// A transaction as a test writes it: `wx1 ry_` writes 1 to key x and finds key y unwritten; `ax1 ly12`
/// appends 1 to the list x and reads the list y as 1, 2, and `ly_` reads it as null.
struct Txn {
  var steps: String
  var milliseconds: ClosedRange<Int>
  var process: Int?
  /// How it ended; nil if it never did.
  var outcome: Operation.Kind?
}

/// A transaction that committed unless told otherwise. Those of one time are concurrent; one without
/// a process gets one of its own.
func txn(
  _ steps: String, _ milliseconds: ClosedRange<Int> = 0...9, by process: Int? = nil,
  _ outcome: Operation.Kind? = .ok
) -> Txn {
  Txn(steps: steps, milliseconds: milliseconds, process: process, outcome: outcome)
}

func txn(_ steps: String, _ outcome: Operation.Kind) -> Txn { txn(steps, 0...9, outcome) }

extension History {
  init(_ transactions: [Txn]) {
    var entries: [Operation] = []
    for (number, transaction) in transactions.enumerated() {
      let process = Operation.Process.client(transaction.process ?? 100 + number)
      entries.append(
        Operation(
          time: transaction.milliseconds.lowerBound.ms, process: process, kind: .invoke, function: "txn",
          value: transaction.json(withReads: false), node: "n0"))
      guard let outcome = transaction.outcome else { continue }
      entries.append(
        Operation(
          time: transaction.milliseconds.upperBound.ms, process: process, kind: outcome, function: "txn",
          value: transaction.json(withReads: outcome == .ok), node: "n0"))
    }
    // At one time, what ends does so before anything begins.
    let inOrder = entries.enumerated().sorted { a, b in
      (a.element.time, a.element.kind == .invoke ? 1 : 0, a.offset)
        < (b.element.time, b.element.kind == .invoke ? 1 : 0, b.offset)
    }
    self.init(inOrder.map(\.element))
  }
}

extension Txn {
  fileprivate func json(withReads: Bool) -> RawJSON {
    let parts = steps.split(separator: " ").map { step -> String in
      let function = step.first!
      let key = step.dropFirst().first!
      let value = step.dropFirst(2)
      switch function {
      case "a": return #"["append","\#(key)",\#(value)]"#
      case "l":
        let list = "[\(value.map(String.init).joined(separator: ","))]"
        return #"["r","\#(key)",\#(value != "_" && withReads ? list : "null")]"#
      default:
        let isKnown = value != "_" && (function == "w" || withReads)
        return #"["\#(function)","\#(key)",\#(isKnown ? String(value) : "null")]"#
      }
    }
    return "[\(parts.joined(separator: ","))]".json
  }
}

/// What a checker for some models says of transactions.
func check(_ models: [ConsistencyModel], _ transactions: [Txn]) -> CheckResult {
  RWRegisterChecker(models).check(History(transactions))
}

/// What a checker for some models says of transactions over lists.
func checkLists(_ models: [ConsistencyModel], _ transactions: [Txn]) -> CheckResult {
  ListAppendChecker(models).check(History(transactions))
}
