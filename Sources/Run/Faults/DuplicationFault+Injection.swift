package import EddyHistory
package import EddyNode

extension DuplicationFault: InjectableFault {
  package static func draw(in cluster: FaultScope, _ random: inout SeededGenerator) -> InjectedFault {
    let probability = cluster.drawProbability(&random)
    return InjectedFault(
      record: DuplicationFault(probability: probability), start: [.setDuplication(probability)],
      stop: [.setDuplication(0)])
  }
}
