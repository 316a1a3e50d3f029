// The steps from a configuration at the cursor's position.

extension TraceCursor {
  /// Calls `take` with each operation that may take effect next: the most promising first.
  ///
  /// The operation that completes at the cursor has not taken effect.
  func moves(from configuration: Configuration<Slots>, _ uses: EffectUses, _ take: (SearchMove) -> Void) {
    guard let event else { return }
    let completing = slot(of: event.operation)
    let operation = trace.operations[event.operation]
    let pending = swappers.union(writers).subtracting(configuration.done)
    swappers.intersection(pending).forEachSlot { slot in
      if slot != completing, self.operation(in: slot).expected == configuration.value {
        take(.operation(slot: slot))
      }
    }
    if configuration.hidden.contains(completing) { take(.hiddenWrite) }
    if operation.function == .write || operation.expected == configuration.value {
      take(.operation(slot: completing))
    }
    writers.intersection(pending).forEachSlot { slot in
      if slot != completing, isObserved(self.operation(in: slot).written, configuration, uses) {
        take(.operation(slot: slot))
      }
    }
    // A write of the value that the register has changes something only if it hides others.
    let hidesOthers = !writers.intersection(pending).subtracting(configuration.hidden).isEmpty
    for (kind, effect) in effects.kinds.enumerated()
    where effect.isWrite || effect.expected == configuration.value {
      if effect.written != configuration.value || hidesOthers, isLeft(kind, configuration, uses),
        isObserved(effect.written, configuration, uses)
      {
        take(.effect(kind: kind))
      }
    }
  }

  /// Calls `take` with each operation that can take effect next, whether or not that leads anywhere. The
  /// operation that completes at the cursor cannot.
  func everyMove(from configuration: Configuration<Slots>, _ uses: EffectUses, _ take: (SearchMove) -> Void) {
    writers.union(swappers).subtracting(configuration.done).forEachSlot { slot in
      let operation = operation(in: slot)
      if operation.function == .write || operation.expected == configuration.value {
        take(.operation(slot: slot))
      }
    }
    for (kind, effect) in effects.kinds.enumerated()
    where effect.isWrite || effect.expected == configuration.value {
      if isLeft(kind, configuration, uses) { take(.effect(kind: kind)) }
    }
  }

  /// Whether an operation that is pending needs the register to have this value.
  private func isObserved(_ value: Int32, _ configuration: Configuration<Slots>, _ uses: EffectUses) -> Bool {
    var isObserved = false
    readers.union(swappers).subtracting(configuration.done).forEachSlot { slot in
      if operation(in: slot).expected == value { isObserved = true }
    }
    if isObserved { return true }
    return effects.kinds.indices.contains {
      effects.kinds[$0].expected == value && isLeft($0, configuration, uses)
    }
  }

  /// Whether an operation of this kind was invoked and not used.
  private func isLeft(_ kind: Int, _ configuration: Configuration<Slots>, _ uses: EffectUses) -> Bool {
    invokedEffects[kind] > 0 && uses.count(of: kind, in: configuration.uses) < invokedEffects[kind]
  }

  /// Lets an operation take effect.
  func take(_ move: SearchMove, _ configuration: inout Configuration<Slots>, _ uses: inout EffectUses) {
    switch move {
    case .operation(let slot):
      let operation = operation(in: slot)
      configuration.done.insert(slot)
      configuration.hidden.remove(slot)
      set(operation.written, isWrite: operation.function == .write, &configuration)
    case .hiddenWrite:
      guard let event else { return }
      configuration.done.insert(slot(of: event.operation))
    case .effect(let kind):
      configuration.uses = uses.adding(kind, to: configuration.uses)
      set(effects.kinds[kind].written, isWrite: effects.kinds[kind].isWrite, &configuration)
    }
  }

  private func set(_ value: Int32, isWrite: Bool, _ configuration: inout Configuration<Slots>) {
    if isWrite {
      // Each could have taken effect just before.
      configuration.hidden = configuration.hidden.union(writers.subtracting(configuration.done))
    }
    configuration.value = value
    settle(&configuration)
  }

  /// Lets everything pending take effect that changes nothing: operations that do not, and writes of the
  /// value that the register has.
  private func settle(_ configuration: inout Configuration<Slots>) {
    let (value, done) = (configuration.value, configuration.done)
    readers.subtracting(done).forEachSlot { slot in
      if operation(in: slot).expected == value { configuration.done.insert(slot) }
    }
    writers.subtracting(done).subtracting(configuration.hidden).forEachSlot { slot in
      if operation(in: slot).written == value { configuration.hidden.insert(slot) }
    }
  }

  /// Moves on to the next completion of an operation that has not taken effect, or to the end.
  mutating func proceed(_ configuration: inout Configuration<Slots>) {
    while canProceed(configuration) { proceedByOne(&configuration) }
    configuration.position = position
  }

  /// Whether the next event demands nothing of the configuration.
  func canProceed(_ configuration: Configuration<Slots>) -> Bool {
    guard let event else { return false }
    return !event.isCompletion || configuration.done.contains(slot(of: event.operation))
  }

  /// Moves past the next event.
  mutating func proceedByOne(_ configuration: inout Configuration<Slots>) {
    guard let event else { return }
    advance()
    guard trace.operations[event.operation].isDefinite else { return }
    let slot = slot(of: event.operation)
    if event.isCompletion {
      configuration.done.remove(slot)
      configuration.hidden.remove(slot)
    } else {
      settle(slot, &configuration)
    }
  }

  /// Lets the operation that was invoked in a slot take effect if that changes nothing.
  private func settle(_ slot: Int, _ configuration: inout Configuration<Slots>) {
    let operation = operation(in: slot)
    if operation.changesNothing {
      if operation.expected == configuration.value { configuration.done.insert(slot) }
    } else if operation.function == .write, operation.written == configuration.value {
      configuration.hidden.insert(slot)
    }
  }
}
