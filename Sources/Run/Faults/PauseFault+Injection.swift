package import EddyHistory
package import EddyNode

extension PauseFault: InjectableFault {
  package static func draw(in cluster: FaultScope, _ random: inout SeededGenerator) -> InjectedFault {
    let victims = cluster.drawVictims(&random)
    return InjectedFault(
      record: PauseFault(victims: cluster.names(victims)), start: victims.map { .pause(node: $0) },
      stop: victims.map { .resume(node: $0) })
  }
}
