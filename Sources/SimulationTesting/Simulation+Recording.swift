import EddyHistory
import EddyNetwork
public import EddyReport
public import EddySimulation
import EddyTiming

extension Simulation {
  /// What happened, to be drawn: see `LamportDiagram`.
  public var recording: Recording {
    Recording(
      nodes: nodes, concurrency: 1, history: history, messages: Array(journal.records(since: .zero)),
      logs: log.byNode(of: nodes.count), marks: log)
  }
}
