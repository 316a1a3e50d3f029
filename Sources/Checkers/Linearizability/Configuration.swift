/// What may have happened up to an event: the register's value, and which pending operations have taken effect.
///
/// A pending write that was written over before anybody saw it is not `done` but `hidden`: it can take effect
/// unseen just before another write, and it can still take effect later where it is seen. Whether it did is
/// decided when it completes.
struct Configuration<Slots: SlotSet>: Hashable {
  /// The position in the trace of the next completion of an operation that has not taken effect.
  var position = 0
  /// The register's value.
  var value: Int32
  /// The slots of pending operations that have taken effect.
  var done: Slots
  /// The slots of pending writes that could have taken effect unseen. Disjoint from `done`.
  var hidden: Slots
  /// The effects of operations of unknown outcome that were used.
  var uses = EffectUses.none

  init(value: Int32, slotCount: Int) {
    self.value = value
    done = Slots(capacity: slotCount)
    hidden = done
  }
}

/// A step from one configuration to the next: an operation takes effect.
enum SearchMove: Equatable {
  /// The pending operation of known outcome in this slot.
  case operation(slot: Int)
  /// The write that completes takes effect unseen.
  case hiddenWrite
  /// An operation of unknown outcome, of this kind.
  case effect(kind: Int)
}
