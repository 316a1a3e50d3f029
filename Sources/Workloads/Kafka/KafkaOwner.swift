import EddyTiming

/// The owner as this node knows it: who writes segments, and what this node has asked of it.
struct KafkaOwner {
  /// What the owner has been asked to write.
  struct Appended {
    /// The number after the last record.
    var end: Int
    /// When it was asked, or last wrote some of it.
    var since: Instant
    /// Whether it was asked once. Only then the time to its answer is a measurement (Karn's rule).
    var isMeasured = true
    var timer: TimerID
  }

  /// The index of the node that writes, as far as this node knows.
  var index = 0
  /// The latest slot that this node wrote, or that its writer has sent; -1 before there was one.
  var slot = -1
  /// Whether this node is writing a slot.
  var isWriting = false
  /// Set while the owner has not written all that it was asked to write.
  var appended: Appended?
  /// How long the owner takes to answer.
  var answers = RoundTripEstimator()
}
