import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyRun
import EddyStore

/// A history that can be read is judged by the checkers of all workloads, and written as it was read.
func judgeHistory(_ bytes: [UInt8]) {
  guard let history = try? HistoryFile.decode(bytes) else { return }
  for name in WorkloadRegistry.names {
    let options = TestOptions(workload: name, nodes: TestOptions.nodeNames(3))
    guard let workload = WorkloadRegistry.workload(options) else { preconditionFailure("it has a name") }
    judge(history, NetworkStatistics(), workload.checker)
  }
  checkRoundTrip(history)
}

/// Runs all checkers, and writes what they find.
@discardableResult
func judge(_ history: History, _ network: NetworkStatistics, _ checker: any Checker) -> Results {
  let results = Results(
    history: history, network: network, availability: .fraction(0.5), workload: checker)
  _ = results.verdict
  var reader = JSONReader(Array(results.text.utf8))
  precondition((try? reader.skip()) != nil, "results.json is no JSON")
  return results
}

/// What is written of a history reads as the same history.
func checkRoundTrip(_ history: History) {
  let bytes = HistoryFile.encode(history)
  guard let read = try? HistoryFile.decode(bytes) else { preconditionFailure("written, but not read") }
  precondition(HistoryFile.encode(read) == bytes, "it reads differently")
}

/// What Maelstrom's files are read with ends, in a value or in a failure.
func readNotation(_ bytes: [UInt8]) {
  guard let value = try? EDNReader.read(bytes) else { return }
  _ = value.description
}
