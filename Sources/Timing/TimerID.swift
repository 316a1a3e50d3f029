/// Names one timer of a `TimerQueue` for as long as that timer is queued.
///
/// A slot of the queue's storage and the generation of its occupant. Once the timer has fired or been
/// removed, the id is stale, even when the slot holds another timer. Every use of a stale id is harmless.
public struct TimerID: Hashable, Sendable {
  @usableFromInline let slot: UInt32
  let generation: UInt32
}
