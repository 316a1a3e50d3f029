package import EddyHistory
package import EddyNode

extension KillFault: InjectableFault {
  package static func draw(in cluster: FaultScope, _ random: inout SeededGenerator) -> InjectedFault {
    let victims = cluster.drawVictims(&random)
    return InjectedFault(
      record: KillFault(victims: cluster.names(victims)), start: victims.map { .kill(node: $0) },
      stop: victims.map { .start(node: $0) })
  }
}
