import EddyHistory
import EddyNode
import EddyTiming

/// Makes the record of each message when it completes. Keeps only the records of messages in flight.
struct RecordStream: Sendable {
  private struct Open {
    var record: MessageRecord
    /// The number of copies in flight.
    var copies: Int
  }

  /// The number of last messages whose entries are kept for ``Journal/last(_:)``.
  static let latestCount = 1000

  private var open: [Int: Open] = [:]
  private var completed: [MessageRecord] = []
  /// The last messages sent; message n is at index n modulo the capacity.
  private var latest: [Journal.Entry] = []

  /// Begins the record of a message.
  mutating func open(_ entry: Journal.Entry, copies: Int, at now: Instant) {
    let message = entry.message
    let record = MessageRecord(
      id: entry.id, sent: now, source: message.source, destination: message.destination, type: message.type,
      text: entry.text)
    open[entry.id] = Open(record: record, copies: copies)
    if latest.count < Self.latestCount {
      latest.append(entry)
    } else {
      latest[entry.id % Self.latestCount] = entry
    }
  }

  /// The entry of one of the last messages sent; nil for an earlier one.
  func latestEntry(of id: Int) -> Journal.Entry? {
    let index = id % Self.latestCount
    return latest.indices.contains(index) && latest[index].id == id ? latest[index] : nil
  }

  /// Adds an event of a copy. The record is complete when no copy is in flight.
  mutating func note(_ event: Journal.Event) {
    guard event.kind != .sent, var state = open[event.message] else { return }
    state.record.note(event.kind, at: event.time)
    state.copies -= 1
    open[event.message] = state.copies > 0 ? state : nil
    if state.copies == 0 { completed.append(state.record) }
  }

  /// Removes and returns the records that have completed since the last call, in that order.
  mutating func takeCompleted() -> [MessageRecord] {
    defer { if !completed.isEmpty { completed = [] } }
    return completed
  }

  /// The records that have not been taken, complete or not, in the order of sending.
  var rest: [MessageRecord] { (completed + open.values.map(\.record)).sorted { $0.id < $1.id } }
}
