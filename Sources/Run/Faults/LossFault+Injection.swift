package import EddyHistory
package import EddyNode

extension LossFault: InjectableFault {
  package static func draw(in cluster: FaultScope, _ random: inout SeededGenerator) -> InjectedFault {
    let probability = cluster.drawProbability(&random)
    return InjectedFault(
      record: LossFault(probability: probability), start: [.setLoss(probability)], stop: [.setLoss(0)])
  }
}
