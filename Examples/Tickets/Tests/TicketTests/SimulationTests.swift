import EddyWorkbench
import Testing
import TicketNode
import TicketWorkload

@Test(arguments: 1...5 as ClosedRange<UInt64>)
func ticketsAreInOrderInVirtualTime(seed: UInt64) {
  let results = TicketRun(seed: seed, timeLimit: .seconds(10)).simulate { TicketNode() }
  #expect(results.validity == .valid)
}

@Test(arguments: 1...5 as ClosedRange<UInt64>)
func thePlantedBugIsFoundInVirtualTime(seed: UInt64) {
  let results = TicketRun(seed: seed, timeLimit: .seconds(10)).simulate { TicketNode(blockLength: 10) }
  #expect(results.validity == .invalid)
  #expect(results.anomalies.map(\.name) == ["out-of-order"])
}

@Test func aTicketThatIsGivenTwiceIsFound() {
  let first = EddyHistory.Operation(time: .zero, process: .client(0), kind: .invoke, function: "take")
  var history = History()
  for process in 0..<2 {
    var operation = first
    operation.process = .client(process)
    history.append(operation)
    (operation.kind, operation.value) = (.ok, RawJSON(encoding: 7))
    history.append(operation)
  }
  let result = TicketChecker().check(history)
  #expect(result.anomalies.map(\.name) == ["duplicate"])
}
