/// Names one source of an ``EventLoop`` from its addition to its removal.
///
/// A slot and the generation of its occupant. Epoll carries both in `data.u64`. So an event for a source
/// that an earlier callback of the turn has removed is not taken for one of the slot's next occupant, even
/// if that has the same descriptor number.
public struct SourceID: Hashable, Sendable {
  let slot: UInt32
  let generation: UInt32

  init(slot: UInt32, generation: UInt32) {
    self.slot = slot
    self.generation = generation
  }

  init(token: UInt64) {
    self.init(slot: UInt32(truncatingIfNeeded: token), generation: UInt32(token >> 32))
  }

  var token: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
}

/// A descriptor that a loop watches, and its handler.
struct Source {
  /// How the loop learns of readiness.
  enum Watch {
    /// Not at all: the source has no interest.
    case none
    /// From epoll.
    case epoll
    /// Epoll refuses a file that is always ready: it counts as ready in every turn.
    case everyTurn
  }

  let descriptor: Int32
  let handler: (Readiness) -> Void
  var interest: Readiness = []
  var watch = Watch.none
}

/// Sources by their ids. Slots are reused, ids are not (until a slot's generation wraps, after 2³² reuses).
struct SourceTable {
  private var slots: [(generation: UInt32, source: Source?)] = []
  private var freeSlots: [UInt32] = []

  var isEmpty: Bool { slots.count == freeSlots.count }

  /// The source of this id, nil if it has been removed.
  subscript(id: SourceID) -> Source? {
    let slot = Int(id.slot)
    guard slot < slots.count, slots[slot].generation == id.generation else { return nil }
    return slots[slot].source
  }

  mutating func insert(_ source: Source) -> SourceID {
    if let slot = freeSlots.popLast() {
      slots[Int(slot)].source = source
      return SourceID(slot: slot, generation: slots[Int(slot)].generation)
    }
    slots.append((0, source))
    return SourceID(slot: UInt32(slots.count - 1), generation: 0)
  }

  /// Records what a source waits for and how it is watched.
  mutating func update(_ id: SourceID, interest: Readiness, watch: Source.Watch) {
    slots[Int(id.slot)].source?.interest = interest
    slots[Int(id.slot)].source?.watch = watch
  }

  mutating func remove(_ id: SourceID) {
    slots[Int(id.slot)].source = nil
    slots[Int(id.slot)].generation &+= 1
    freeSlots.append(id.slot)
  }
}
