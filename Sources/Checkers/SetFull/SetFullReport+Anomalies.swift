import EddyHistory
import EddyNode

// What is wrong with a set, in sentences.

extension SetFullReport {
  /// What may be the cause of others comes first: a node that distorts a value makes it both lost and
  /// unexpected, and only the latter shows how.
  var anomalies: [Anomaly] {
    let unexpected = sorted(timelines.unexpected.keys)
    let duplicated = sorted(timelines.duplicates.keys)
    return Anomaly.group(
      "malformed-read", timelines.malformed,
      "\(timelines.malformed.count.grouped) reads returned no array.", explain: explainMalformed)
      + Anomaly.group(
        "unexpected", unexpected,
        "\(unexpected.count.grouped) values were read before anybody had tried to add them.",
        explain: explainUnexpected)
      + Anomaly.group("lost", lost.map(\.id), lostInAll, explain: explainLost)
      + Anomaly.group(
        "duplicated", duplicated, "\(duplicated.count.grouped) values came more than once in one read.",
        explain: explainDuplicate)
  }

  private func name(_ id: Int) -> String { timelines.interner.values[id].shortened }

  private func place(_ index: Int) -> String { history.operations[index].whereAndWhen }

  private func explainUnexpected(_ id: Int) -> Anomaly.Example {
    let read = timelines.unexpected[id] ?? 0
    let add = timelines.elements.indices.contains(id) ? timelines.elements[id].add : nil
    let why =
      add.map { "which was only added later, \(place($0))" }
      ?? "which nobody ever tried to add\(likeness(id))"
    return Anomaly.Example(
      "The read that completed \(place(read)) had \(name(id)), \(why).",
      operations: [read] + (add.map { [$0] } ?? []))
  }

  /// Where a value that nobody added is the text of one that somebody did: a node that makes strings of
  /// numbers.
  private func likeness(_ id: Int) -> String {
    guard case .string(let text) = timelines.interner.values[id].decoded(),
      let spelled = try? RawJSON(parsing: text)
    else { return "" }
    let meaning = CanonicalJSON(spelled)
    let isAdded = timelines.interner.canonical[..<timelines.elements.count].contains(meaning)
    return isAdded ? ": it is a string, and what was added is \(spelled.shortened)" : ""
  }

  private func explainDuplicate(_ id: Int) -> Anomaly.Example {
    let duplicate = timelines.duplicates[id] ?? .init(copies: 0, read: 0)
    return Anomaly.Example(
      "The read that completed \(place(duplicate.read)) had \(duplicate.copies) copies of \(name(id)).",
      operations: [duplicate.read] + (id < timelines.elements.count ? [timelines.elements[id].add] : []))
  }

  private func explainMalformed(_ read: Int) -> Anomaly.Example {
    Anomaly.Example(
      "The read that completed \(place(read)) returned \(history.operations[read].shortValue), which is no array.",
      operations: [read])
  }
}

// MARK: - Lost values

extension SetFullReport {
  private func explainLost(_ id: Int) -> Anomaly.Example {
    let element = timelines.elements[id]
    guard let known = element.known, let lastAbsent = element.lastAbsent else {
      preconditionFailure("a lost element was known and then missed")
    }
    let isAcknowledged = history.operations[known].function == history.operations[element.add].function
    let since = isAcknowledged ? "was acknowledged" : "was first read"
    let seen =
      element.lastPresent.map { "The last read that had it was the one invoked \(place($0))" }
      ?? "No read ever had it"
    return Anomaly.Example(
      "\(name(id)) is lost: it \(since) \(place(known)), but the read invoked "
        + "\(place(lastAbsent)) did not have it. \(seen).",
      operations: [lastAbsent, known, element.add] + (element.lastPresent.map { [$0] } ?? []),
      value: timelines.interner.values[id])
  }

  /// How many values are lost, and how far they had come.
  private var lostInAll: String {
    let attempts = timelines.elements.count.grouped
    var sentences = ["\(lost.count.grouped) of the \(attempts) values that clients tried to add are lost."]
    let neverRead = lost.count { timelines.elements[$0.id].lastPresent == nil }
    let stuck = timelines.readByTheirOriginOnly(lost.map(\.id), history)
    if neverRead > 0 { sentences.append(counted(neverRead, "never read anywhere")) }
    if stuck > 0 { sentences.append(counted(stuck, "read only on the node that took them")) }
    let vanished = lost.count - neverRead - stuck
    if vanished > 0 {
      sentences.append(counted(vanished, "read on other nodes before they vanished"))
    }
    return sentences.joined(separator: " ")
  }

  /// Such as "All of them were never read anywhere."
  private func counted(_ count: Int, _ what: String) -> String {
    "\(count == lost.count ? "All" : count.grouped) of them \(count == 1 ? "was" : "were") \(what)."
  }
}
