/// For each node the number of its last command: what makes a retried command count once.
///
/// Ongaro's thesis, section 6.3, with the node in place of the client: one number per node is enough, because
/// a node's commands are numbered without gaps and enter the log in that order.
struct SessionTable: Equatable {
  private(set) var last: [Int]

  init(count: Int) { last = Array(repeating: 0, count: count) }

  init(_ last: [Int]) { self.last = last }

  /// Takes the commands of `batch` that are new, and returns them; nil if none is.
  ///
  /// Commands after a gap are not taken: the node sends them again with those before.
  mutating func take(_ batch: Batch) -> Batch? {
    let known = last[batch.origin]
    guard batch.last > known else { return nil }
    let isNewSession = batch.session > known
    guard isNewSession ? batch.first == batch.session : batch.first <= known + 1 else { return nil }
    var new = batch
    if batch.first <= known {
      new.first = known + 1
      new.commands.removeFirst(known + 1 - batch.first)
    }
    last[batch.origin] = batch.last
    return new
  }
}
