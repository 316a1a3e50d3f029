import EddyHistory
import EddyNetwork

extension TestRun {
  /// Carries out what the nemesis decided, in order.
  func apply(_ directives: [FaultDirective]) {
    for directive in directives { apply(directive) }
  }

  private func apply(_ directive: FaultDirective) {
    switch directive {
    case .setPartition(let partition): context.network.partition = partition
    case .setLoss(let probability): context.network.loss = probability
    case .setDuplication(let probability): context.network.duplication = probability
    case .kill(let node):
      context.network.kill(node, at: context.now)
      setup.abandon(node, in: &context)
      context.perform(.kill(node: node))
    case .start(let node):
      context.network.start(node)
      context.perform(.start(node: node))
      setup.initialize(node, isRestart: true, in: &context)
    case .pause(let node): context.perform(.pause(node: node))
    case .resume(let node): context.perform(.resume(node: node))
    case .record(let operation): context.history.append(operation)
    }
  }
}
