import EddyHistory

// Explanations of findings, one or two sentences each.

extension KafkaReport {
  func explain(_ finding: KafkaFinding) -> Anomaly.Example {
    Anomaly.Example(sentence(finding), operations: entries(finding))
  }

  /// The explanation of several findings of one kind. For `unseen` there is one finding per key.
  func diagnosis(_ kind: KafkaFinding.Kind, _ found: [KafkaFinding]) -> String {
    let count = found.count.grouped
    return switch kind {
    case .inconsistentOffsets: "\(count) offsets hold several messages."
    case .duplicate: "\(count) messages are at several offsets."
    case .lostWrite: "\(count) acknowledged messages are lost: later ones were polled, these never."
    case .unwrittenRead: "\(count) messages were polled that no client sent."
    case .abortedRead: "\(count) messages were polled although their sends failed."
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
    case .internalSendSkip:
      "\(count) times another operation's message came between the messages of one operation."
    case .unseen:
      "\(found.map(\.records.count).reduce(0, +).grouped) acknowledged messages of \(found.count.counted("key")) "
        + "were never polled."
    }
  }

  private func sentence(_ finding: KafkaFinding) -> String {
    switch finding.kind {
    case .inconsistentOffsets: inconsistentOffsets(finding)
    case .duplicate: duplicate(finding)
    case .lostWrite: lostWrite(finding)
    case .unwrittenRead: "\(polled(finding)), which no client sent."
    case .abortedRead: "\(polled(finding)), although \(operation(finding, 1)), which sent it, failed."
    case .precommittedRead: "\(polled(finding)), which the same operation sent."
    case .prematureRead: "\(polled(finding)), which was sent only later, by \(operation(finding, 1))."
    case .pollSkip:
      "\(inKey(finding)) a client polled up to \(first(finding)) with \(operation(finding, 0)), but continued at "
        + "\(second(finding)) with \(operation(finding, 1)) and skipped \(skipped(finding))."
    case .nonmonotonicPoll:
      "\(inKey(finding)) a client polled up to \(first(finding)) with \(operation(finding, 0)), but went back to "
        + "\(second(finding)) with \(operation(finding, 1))."
    case .internalPollSkip:
      "\(capitalized(operation(finding, 0))) returned \(first(finding)) of key \(key(finding)) and then "
        + "\(second(finding)) and skipped \(skipped(finding))."
    case .internalNonmonotonicPoll:
      "\(capitalized(operation(finding, 0))) returned \(first(finding)) of key \(key(finding)) before "
        + "\(second(finding))."
    case .nonmonotonicSend:
      "\(inKey(finding)) a client sent \(first(finding)) with \(operation(finding, 0)) and then \(second(finding)) "
        + "with \(operation(finding, 1)): the log has the reverse order."
    case .internalNonmonotonicSend, .internalSendSkip:
      "\(capitalized(operation(finding, 0))) sent \(first(finding)) to key \(key(finding)) and then "
        + "\(second(finding))."
    case .unseen: unseen(finding)
    }
  }

  private func inconsistentOffsets(_ finding: KafkaFinding) -> String {
    let observations = finding.records.indices.prefix(Anomaly.operationLimit).map { index in
      "\(message(finding, index)) by \(operation(finding, index))"
    }
    return "Offset \(finding.offsets[0]) of key \(key(finding)) holds \(finding.records.count) messages: "
      + "\(observations.joined(separator: ", and "))."
  }

  private func duplicate(_ finding: KafkaFinding) -> String {
    let observations = finding.offsets.indices.prefix(Anomaly.operationLimit).map { index in
      "\(finding.offsets[index]) by \(operation(finding, index))"
    }
    return "\(inKey(finding)) message \(message(finding, 0)) is at \(finding.offsets.count) offsets: "
      + "\(observations.joined(separator: ", and "))."
  }

  private func lostWrite(_ finding: KafkaFinding) -> String {
    let later =
      finding.operations.count > 1
      ? ", although \(operation(finding, 1)) read up to \(second(finding))" : ""
    return
      "\(inKey(finding)) message \(message(finding, 0)) is lost: \(operation(finding, 0)) wrote it at offset "
      + "\(finding.offsets[0]), and no client polled it\(later)."
  }

  private func unseen(_ finding: KafkaFinding) -> String {
    let first = "\(message(finding, 0)), acknowledged by \(operation(finding, 0))"
    return finding.records.count == 1
      ? "\(inKey(finding)) an acknowledged message was never polled: \(first)."
      : "\(inKey(finding)) \(finding.records.count) acknowledged messages were never polled; the first is \(first)."
  }

  private func polled(_ finding: KafkaFinding) -> String {
    "\(capitalized(operation(finding, 0))) returned message \(message(finding, 0)) of key \(key(finding))"
  }

  private func skipped(_ finding: KafkaFinding) -> String {
    let shown = finding.offsets.prefix(Anomaly.operationLimit).map(String.init).joined(separator: ", ")
    let rest = finding.offsets.count - Anomaly.operationLimit
    let more = rest > 0 ? " and \(rest) more" : ""
    return finding.offsets.count == 1
      ? "offset \(shown), which exists" : "offsets \(shown)\(more), which exist"
  }

  private func inKey(_ finding: KafkaFinding) -> String { "In key \(key(finding))," }
  private func first(_ finding: KafkaFinding) -> String { offsetAndMessage(finding, 0) }
  private func second(_ finding: KafkaFinding) -> String { offsetAndMessage(finding, 1) }

  /// A record with its offset, such as "offset 4 (message 17)".
  private func offsetAndMessage(_ finding: KafkaFinding, _ index: Int) -> String {
    let offset = analysis.logs[finding.key].offset(of: finding.records[index])
    return "\(offset.map { "offset \($0)" } ?? "an unknown offset") (message \(message(finding, index)))"
  }

  private func message(_ finding: KafkaFinding, _ index: Int) -> String {
    analysis.history.records[finding.records[index]].message.excerpt
  }

  /// An operation in words, such as "the `poll` on n1 at 2.500 s (operation 31)".
  private func operation(_ finding: KafkaFinding, _ index: Int) -> String {
    let entry = history.operations[analysis.history.operations[finding.operations[index]].index]
    return "the `\(entry.function)` \(entry.whereAndWhen)"
  }

  private func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
