import EddyHistory

// What happened, in a sentence or two for each finding.

extension KafkaReport {
  func explain(_ finding: KafkaFinding) -> Anomaly.Example {
    Anomaly.Example(sentence(finding), operations: operations(finding))
  }

  /// What is to be said of several findings of a kind. Of `unseen` there is one finding a key.
  func diagnosis(_ kind: KafkaFinding.Kind, _ found: [KafkaFinding]) -> String {
    let count = found.count.grouped
    return switch kind {
    case .inconsistentOffsets: "\(count) offsets hold several messages."
    case .duplicate: "\(count) messages are at several offsets."
    case .lostWrite: "\(count) acknowledged messages are lost: later ones were polled, these never."
    case .unwrittenRead: "\(count) messages were polled that nobody ever sent."
    case .abortedRead: "\(count) messages were polled although their sends had failed."
    case .precommittedRead: "\(count) messages were polled by the operation that sent them."
    case .prematureRead: "\(count) messages were polled before they were sent."
    case .pollSkip: "\(count) times a client's next poll skipped messages."
    case .nonmonotonicPoll: "\(count) times a client's next poll went back to messages it had polled before."
    case .internalPollSkip: "\(count) times one poll skipped messages."
    case .internalNonmonotonicPoll: "\(count) times one poll returned messages out of order."
    case .nonmonotonicSend:
      "\(count) times a client's messages got offsets in another order than they were sent."
    case .internalNonmonotonicSend:
      "\(count) times one operation's messages got offsets in another order than they were sent."
    case .internalSendSkip: "\(count) times another's message came between those of one operation."
    case .unseen:
      "\(found.map(\.records.count).reduce(0, +).grouped) acknowledged messages of \(found.count.counted("key")) "
        + "have never been polled by anybody."
    }
  }

  private func sentence(_ finding: KafkaFinding) -> String {
    switch finding.kind {
    case .inconsistentOffsets: inconsistentOffsets(finding)
    case .duplicate: duplicate(finding)
    case .lostWrite: lostWrite(finding)
    case .unwrittenRead: "\(polled(finding)), which nobody ever sent."
    case .abortedRead: "\(polled(finding)), although \(step(finding, 1)), which sent it, had failed."
    case .precommittedRead: "\(polled(finding)), which it was only about to send itself."
    case .prematureRead: "\(polled(finding)), which was only sent later, by \(step(finding, 1))."
    case .pollSkip:
      "\(of(finding)) a client had polled up to \(first(finding)) with \(step(finding, 0)), but it went on at "
        + "\(second(finding)) with \(step(finding, 1)), and skipped \(skipped(finding))."
    case .nonmonotonicPoll:
      "\(of(finding)) a client had polled up to \(first(finding)) with \(step(finding, 0)), but it went back to "
        + "\(second(finding)) with \(step(finding, 1))."
    case .internalPollSkip:
      "\(capitalized(step(finding, 0))) returned \(first(finding)) of key \(key(finding)) and then "
        + "\(second(finding)), and skipped \(skipped(finding))."
    case .internalNonmonotonicPoll:
      "\(capitalized(step(finding, 0))) returned \(first(finding)) of key \(key(finding)) and only then "
        + "\(second(finding))."
    case .nonmonotonicSend:
      "\(of(finding)) a client sent \(first(finding)) with \(step(finding, 0)), and after it \(second(finding)) "
        + "with \(step(finding, 1)): its order is turned round."
    case .internalNonmonotonicSend, .internalSendSkip:
      "\(capitalized(step(finding, 0))) sent \(first(finding)) to key \(key(finding)) and then "
        + "\(second(finding))."
    case .unseen: unseen(finding)
    }
  }

  private func inconsistentOffsets(_ finding: KafkaFinding) -> String {
    let claims = finding.records.indices.prefix(Anomaly.operationLimit).map { place in
      "\(message(finding, place)) by \(step(finding, place))"
    }
    return "Offset \(finding.offsets[0]) of key \(key(finding)) holds \(finding.records.count) messages: "
      + "\(claims.joined(separator: ", and "))."
  }

  private func duplicate(_ finding: KafkaFinding) -> String {
    let claims = finding.offsets.indices.prefix(Anomaly.operationLimit).map { place in
      "\(finding.offsets[place]) by \(step(finding, place))"
    }
    return "\(of(finding)) the message \(message(finding, 0)) is at \(finding.offsets.count) offsets: "
      + "\(claims.joined(separator: ", and "))."
  }

  private func lostWrite(_ finding: KafkaFinding) -> String {
    let later = finding.steps.count > 1 ? ", though \(step(finding, 1)) read on to \(second(finding))" : ""
    return "\(of(finding)) the message \(message(finding, 0)) is lost: \(step(finding, 0)) put it at offset "
      + "\(finding.offsets[0]), and nobody has ever polled it\(later)."
  }

  private func unseen(_ finding: KafkaFinding) -> String {
    let first = "\(message(finding, 0)), acknowledged by \(step(finding, 0))"
    return finding.records.count == 1
      ? "\(of(finding)) an acknowledged message has never been polled by anybody: \(first)."
      : "\(of(finding)) \(finding.records.count) acknowledged messages have never been polled by anybody; the "
        + "first of them is \(first)."
  }

  private func polled(_ finding: KafkaFinding) -> String {
    "\(capitalized(step(finding, 0))) returned the message \(message(finding, 0)) of key \(key(finding))"
  }

  private func skipped(_ finding: KafkaFinding) -> String {
    let shown = finding.offsets.prefix(Anomaly.operationLimit).map(String.init).joined(separator: ", ")
    let rest = finding.offsets.count - Anomaly.operationLimit
    let more = rest > 0 ? " and \(rest) more" : ""
    return finding.offsets.count == 1
      ? "offset \(shown), which exists" : "offsets \(shown)\(more), which exist"
  }

  private func of(_ finding: KafkaFinding) -> String { "Of key \(key(finding))" }
  private func first(_ finding: KafkaFinding) -> String { place(finding, 0) }
  private func second(_ finding: KafkaFinding) -> String { place(finding, 1) }

  /// A record with its offset, such as "offset 4 (message 17)".
  private func place(_ finding: KafkaFinding, _ place: Int) -> String {
    let offset = analysis.logs[finding.key].offset(of: finding.records[place])
    return "\(offset.map { "offset \($0)" } ?? "an unknown offset") (message \(message(finding, place)))"
  }

  private func message(_ finding: KafkaFinding, _ place: Int) -> String {
    analysis.history.records[finding.records[place]].message.shortened
  }

  /// Such as "the `poll` on n1 at 2.500 s (operation 31)".
  private func step(_ finding: KafkaFinding, _ place: Int) -> String {
    let operation = history.operations[analysis.history.steps[finding.steps[place]].index]
    return "the `\(operation.function)` \(operation.whereAndWhen)"
  }

  private func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
