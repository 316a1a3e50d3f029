public import EddyTiming

extension Raft {
  /// Takes the state machine's state after all that was applied, in place of the log up to there.
  ///
  /// A leader keeps the entries that a follower within reach still lacks, up to twice the threshold of
  /// compaction. Thesis, chapter 5.
  public mutating func compact(_ data: [UInt8], at now: Instant) {
    self.now = max(self.now, now)
    guard let position = log.position(at: commit), position.index > 0 else { return }
    snapshot = Snapshot(position: position, sessions: executed.last, data: data)
    var kept = commit
    if case .leader(let leader) = role, log.byteCount < 2 * options.compactionThreshold {
      kept = leader.progress.indices.filter {
        $0 != id && !leader.progress[$0].isSilent(at: self.now, options)
      }
      .reduce(commit) { min($0, leader.progress[$1].match) }
    }
    log.compact(through: kept)
    weightAtSnapshot = log.byteCount
    rewriteStorage()
  }

  /// Has everything stored anew: the snapshot, the vote, and the entries that are kept.
  mutating func rewriteStorage() {
    guard let snapshot else { return }
    durability.write(lastIndex: log.last.index)
    directives.append(
      .rewrite([
        .snapshot(snapshot, base: log.base), .vote(term: term, candidate: vote),
        .entries(after: log.base.index, log.entries(from: log.base.index + 1, limit: .max)),
      ]))
  }
}
