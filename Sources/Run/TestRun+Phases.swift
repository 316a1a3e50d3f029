import EddyCheckers
import EddyHistory
import EddyNode
import EddyTiming

// The phase machine: the effects of timers, and the transitions between phases.

extension TestRun {
  /// Handles a timer that is due. A timer of an earlier phase has no effect.
  func run(_ timer: RunContext.Timer) {
    switch timer {
    case .requestTimeout(let client): timeOut(client)
    case .nextOperation: clients.invokeNext(in: &context)
    case .nemesis where phase == .running:
      apply(nemesis?.act(at: now) ?? [])
      scheduleNemesis()
    case .nemesis: break
    case .endOfOperations:
      phase = .draining
      clients.endOperations()
    case .endOfRecovery:
      phase = .final
      clients.beginFinalOperations(in: &context)
    case .finalOperation(let invocation, let worker): clients.invoke(invocation, on: worker, in: &context)
    case .probe(let worker): clients.invokeProbe(on: worker, in: &context)
    case .endOfLiveness: clients.expireProbes()
    }
  }

  private func timeOut(_ client: Int) {
    switch context.clients.role(of: client) {
    case .initializing(let node, _) where nemesis?.isPaused(node) == true:
      let timer = context.schedule(.requestTimeout(client: client), at: now + TestOptions.initTimeout)
      context.clients.assign(.initializing(node: node, timer: timer), to: client)
    case .initializing(let node, _): fail(RunFailure(.noAnswer(to: "init"), node: options.nodes[node]))
    case .settingUp(let node, _):
      fail(RunFailure(.noAnswer(to: setup.request?.type ?? "setup"), node: options.nodes[node]))
    case .worker(let worker): clients.timeOut(worker, in: &context)
    case nil: break
    }
  }

  /// Enters the next phase if nothing is left to do in the current one. Called after each event.
  func enterNextPhase() {
    switch phase {
    case .initializing, .setup:
      if setup.isComplete { beginOperations() } else if setup.isSettingUp { phase = .setup }
    case .draining where clients.isIdle:
      if let bound = options.livenessBound { beginLiveness(bound) } else { beginRecovery() }
    case .liveness where clients.isIdle:
      clients.closeProbes(in: &context)
      beginRecovery()
    case .final where clients.isIdle: phase = .finished
    default: break
    }
  }

  private func beginOperations() {
    phase = .running
    context.origin = now
    clients.open(in: &context)
    nemesis = FaultInjector(options, random: context.random.split(), start: now)
    context.schedule(.endOfOperations, at: now + options.timeLimit)
    clients.beginOperations(in: &context)
    scheduleNemesis()
  }

  /// Ends all faults and starts additional clients that ask every node for every function.
  ///
  /// Their operations are ordinary ones, which all checkers judge. An entry of the nemesis marks the
  /// beginning; from it ``LivenessChecker`` reads what is demanded.
  private func beginLiveness(_ bound: Duration) {
    heal()
    phase = .liveness
    let functions = clients.workload.probedFunctions.joined()
    context.history.append(
      LivenessChecker.demand(functions, of: options.nodes, within: bound, at: context.relativeNow))
    context.schedule(.endOfLiveness, at: now + bound)
    clients.openProbes(in: &context)
  }

  /// Begins recovery before the final operations. Without final operations the run is over.
  private func beginRecovery() {
    guard clients.hasFinalOperations else {
      phase = .finished
      return
    }
    heal()
    phase = .recovering
    context.schedule(.endOfRecovery, at: now + TestOptions.recoveryTime)
  }

  /// Ends all faults. No more faults start.
  private func heal() {
    apply(nemesis?.stopAll(at: now) ?? [])
  }

  private func scheduleNemesis() {
    if let next = nemesis?.nextDeadline { context.schedule(.nemesis, at: next) }
  }
}
