/// Names one source of an `EventLoop` from its adding to its removal.
///
/// A slot and the generation of its occupant: epoll carries both in `data.u64`, so an event
/// gathered for a source that an earlier callback of the same turn removed is told apart
/// from one for its successor, even when that has the same descriptor number.
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

/// A descriptor that a loop watches, and whom to tell.
struct Source {
  /// Where the loop learns of readiness from.
  enum Watch {
    /// Nowhere: the source has no interest now.
    case none
    case epoll
    /// Epoll refuses a file that is always ready: the loop takes it as ready every turn.
    case everyTurn
  }

  let descriptor: Int32
  let handler: (Readiness) -> Void
  var interest: Readiness = []
  var watch = Watch.none
}

/// Sources by their ids. Slots are used again, ids never.
struct SourceTable {
  private var slots: [(generation: UInt32, source: Source?)] = []
  private var freeSlots: [UInt32] = []

  var isEmpty: Bool { slots.count == freeSlots.count }

  /// The source of this id, nil when it has been removed.
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

  /// Notes what a source wants and where it is watched.
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
