import EddyCheckers
import EddyHistory
import EddyRegistry
import EddySimulation
import Testing

extension SimulationPlan {
  /// A run of a swarm that asks for no more than Eddy's nodes for a workload promise.
  ///
  /// - Parameter faults: The faults to draw from; those that the nodes survive if nil.
  static func promised(_ workload: String, faults: [Fault]? = nil, seed: UInt64) throws -> SimulationPlan {
    let promise = try #require(try HandlerRegistry.flags(workload, arguments: [])).promise
    let survived = Fault.allCases.filter { promise.loss(under: $0.rawValue) == nil }
    let model = promise.consistencyModel.flatMap { ConsistencyModel(rawValue: $0) }
    return swarm(
      workload: workload, faults: faults ?? survived, models: [model ?? .strictSerializable],
      isDurable: promise.isDurable, seed: seed)
  }
}
