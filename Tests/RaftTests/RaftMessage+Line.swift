import EddyRaft

extension RaftMessage {
  /// The message as transcripts show it.
  var line: String {
    content + (route.map { " (n\($0.origin) to n\($0.destination))" } ?? "")
      + (hearing.map { $0 == .nothing ? " hears nothing" : " hears through another" } ?? "")
  }

  private var content: String {
    switch body {
    case .append(let append):
      let grant = append.grant == nil ? "" : " grant"
      let read = append.confirmedRead == nil ? "" : " read"
      return
        "append t\(term) after \(append.previous) [\(append.entries.map(\.line).joined(separator: " "))] "
        + "commit \(append.commit)\(grant)\(read)\(append.isQuiet ? " quiet" : "")"
    case .report(let report):
      let outcome =
        switch report.outcome {
        case .none: "-"
        case .matches(let index): "matches \(index)"
        case .differs(let index, let hint): "differs at \(index), perhaps agrees at \(hint)"
        case .snapshot(let index, let received): "snapshot \(index): \(received) bytes"
        }
      let batch = report.batch.map { " forwards \($0.commands.count)" } ?? ""
      return
        "report t\(term) \(outcome)\(batch)\(report.read > 0 ? " read" : "")\(report.isLearner ? " learner" : "")"
    case .voteRequest(let request):
      return "\(request.isPreliminary ? "pre-vote" : "vote") request t\(term) last \(request.last)"
        + (request.isTransfer ? " transfer" : "")
    case .vote(let vote):
      return "\(vote.isPreliminary ? "pre-vote" : "vote") t\(term) \(vote.isGranted ? "granted" : "refused")"
    case .snapshot(let piece):
      return
        "snapshot t\(term) \(piece.position) bytes \(piece.offset)..<\(piece.offset + piece.bytes.count) of "
        + "\(piece.total)"
    case .transfer: return "transfer t\(term)"
    }
  }
}

extension Entry {
  fileprivate var line: String { "\(term)" + (batch.map { ":\($0.commands.count)" } ?? "") }
}
