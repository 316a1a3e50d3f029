import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyRun
import EddyStore

/// Checks a readable history with the checkers of all workloads, and that it is written as it was read.
func judgeHistory(_ bytes: [UInt8]) {
  guard let history = try? HistoryFile.decode(bytes) else { return }
  for name in WorkloadRegistry.names {
    let options = TestOptions(workload: name, nodes: TestOptions.nodeNames(3))
    guard let workload = WorkloadRegistry.workload(options) else { preconditionFailure("a known name") }
    judge(history, NetworkStatistics(), workload.checker)
  }
  checkRoundTrip(history)
}

/// Runs all checkers and writes their results.
@discardableResult
func judge(_ history: History, _ network: NetworkStatistics, _ checker: any Checker) -> Results {
  let results = Results(
    history: history, network: network, availability: .fraction(0.5), workload: checker)
  _ = results.consoleText
  var reader = JSONReader(Array(results.text.utf8))
  precondition((try? reader.skip()) != nil, "results.json is not JSON")
  return results
}

/// Checks that a written history reads as the same history.
func checkRoundTrip(_ history: History) {
  let bytes = HistoryFile.encode(history)
  guard let read = try? HistoryFile.decode(bytes) else { preconditionFailure("written, but not read") }
  precondition(HistoryFile.encode(read) == bytes, "it reads differently")
}

/// Reads EDN. The reader must return a value or throw.
func readNotation(_ bytes: [UInt8]) {
  guard let value = try? EDNReader.read(bytes) else { return }
  _ = value.description
}
