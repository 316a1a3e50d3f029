// The steps from a configuration at the cursor's position.

extension TraceCursor {
  /// Calls `take` with each operation that may take effect next: the most promising first.
  ///
  /// Of pending operations that do the same, only the one that completes first is among them, and none of
  /// unknown outcome: in any linearization that has another one at this place the two can change places. The
  /// operation that completes at the cursor has not taken effect.
  func moves(from configuration: Configuration<Slots>, _ uses: EffectUses, _ take: (SearchMove) -> Void) {
    guard let event else { return }
    let completing = slot(of: event.operation)
    let operation = trace.operations[event.operation]
    let pending = swappers.union(writers).subtracting(configuration.done)
    let pendingSwaps = swappers.intersection(pending)
    let pendingWrites = writers.intersection(pending)
    pendingSwaps.forEachSlot { slot in
      if slot != completing, self.operation(in: slot).expected == configuration.value,
        isFirstToComplete(slot, of: pendingSwaps)
      {
        take(.operation(slot: slot))
      }
    }
    if configuration.hidden.contains(completing) { take(.hiddenWrite) }
    if operation.function == .write || operation.expected == configuration.value {
      take(.operation(slot: completing))
    }
    pendingWrites.forEachSlot { slot in
      if slot != completing, isObserved(self.operation(in: slot).written, configuration, uses),
        isFirstToComplete(slot, of: pendingWrites)
      {
        take(.operation(slot: slot))
      }
    }
    // A write of the value that the register has changes something only if it hides others.
    let hidesOthers = !pendingWrites.subtracting(configuration.hidden).isEmpty
    forEachEffect(from: configuration, uses) { kind, effect in
      if effect.written != configuration.value || hidesOthers,
        !isDone(by: effect.isWrite ? pendingWrites : pendingSwaps, effect),
        isObserved(effect.written, configuration, uses)
      {
        take(.effect(kind: kind))
      }
    }
  }

  /// Whether no operation in `slots` that does the same as the one in this slot completes before it.
  private func isFirstToComplete(_ slot: Int, of slots: Slots) -> Bool {
    let operation = operation(in: slot)
    var isFirst = true
    slots.forEachSlot { other in
      let rival = self.operation(in: other)
      if rival.completion < operation.completion, rival.written == operation.written,
        rival.expected == operation.expected
      {
        isFirst = false
      }
    }
    return isFirst
  }

  /// Whether an operation in `slots` does the same as an effect.
  private func isDone(by slots: Slots, _ effect: IndefiniteEffects.Kind) -> Bool {
    var isDone = false
    slots.forEachSlot { slot in
      let operation = operation(in: slot)
      if operation.written == effect.written, operation.expected == effect.expected { isDone = true }
    }
    return isDone
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
    forEachEffect(from: configuration, uses) { kind, _ in take(.effect(kind: kind)) }
  }

  /// Calls `body` with every kind of effect that is left and that can take effect: writes first.
  private func forEachEffect(
    from configuration: Configuration<Slots>, _ uses: EffectUses,
    _ body: (Int, IndefiniteEffects.Kind) -> Void
  ) {
    for value in [RegisterOperation.anyValue, configuration.value] {
      for kind in effects.kinds(expecting: value) where isLeft(kind, configuration, uses) {
        body(kind, effects.kinds[kind])
      }
    }
  }

  /// Whether an operation that is pending needs the register to have this value.
  private func isObserved(_ value: Int32, _ configuration: Configuration<Slots>, _ uses: EffectUses) -> Bool {
    var isObserved = false
    readers.union(swappers).subtracting(configuration.done).forEachSlot { slot in
      if operation(in: slot).expected == value { isObserved = true }
    }
    if isObserved { return true }
    return effects.kinds(expecting: value).contains { isLeft($0, configuration, uses) }
  }

  /// Whether an operation of this kind was invoked and, if the kind is counted, not used.
  private func isLeft(_ kind: Int, _ configuration: Configuration<Slots>, _ uses: EffectUses) -> Bool {
    guard invokedEffects[kind] > 0 else { return false }
    return !isCounted[kind] || uses.count(of: kind, in: configuration.uses) < invokedEffects[kind]
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
      if isCounted[kind] { configuration.uses = uses.adding(kind, to: configuration.uses) }
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

  /// The configuration before the first completion of an operation that has not taken effect by then.
  mutating func start(slotCount: Int) -> Configuration<Slots> {
    move(to: 0)
    var configuration = Configuration<Slots>(value: trace.initial, slotCount: slotCount)
    proceed(&configuration)
    return configuration
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
