import EddyHistory
import EddyNode

// The anomalies of a set, in sentences.

extension SetFullReport {
  /// The anomalies found. One that may cause others comes first: a value that a node changed is both
  /// unexpected and lost, and only the former shows how it was changed.
  var anomalies: [Anomaly] {
    let unexpected = sorted(timelines.unexpected.keys)
    let duplicated = sorted(timelines.duplicates.keys)
    return Anomaly.group(
      "malformed-read", timelines.malformed,
      "\(timelines.malformed.count.grouped) reads returned no array.", explain: explainMalformed)
      + Anomaly.group(
        "unexpected", unexpected,
        "\(unexpected.count.grouped) values were read before any client tried to add them.",
        explain: explainUnexpected)
      + Anomaly.group("lost", lost.map(\.id), lostInAll, explain: explainLost)
      + Anomaly.group(
        "duplicated", duplicated,
        "\(duplicated.count.grouped) values occurred more than once in one read.",
        explain: explainDuplicate)
  }

  private func name(_ id: Int) -> String { timelines.interner.values[id].excerpt }

  private func whereAndWhen(_ index: Int) -> String { history.operations[index].whereAndWhen }

  private func explainUnexpected(_ id: Int) -> Anomaly.Example {
    let read = timelines.unexpected[id] ?? 0
    let add = timelines.elements.indices.contains(id) ? timelines.elements[id].add : nil
    let why =
      add.map { "which was added only later, \(whereAndWhen($0))" }
      ?? "which no client ever tried to add\(similarElement(id))"
    return Anomaly.Example(
      "The read that completed \(whereAndWhen(read)) returned \(name(id)), \(why).",
      operations: [read] + (add.map { [$0] } ?? []))
  }

  /// The end of a sentence about a string that is the text of an added element, as a node returns it that
  /// encodes numbers as strings; empty for any other value.
  private func similarElement(_ id: Int) -> String {
    guard case .string(let text) = timelines.interner.values[id].decoded(),
      let spelled = try? RawJSON(parsing: text)
    else { return "" }
    let meaning = CanonicalJSON(spelled)
    let isAdded = timelines.interner.canonical[..<timelines.elements.count].contains(meaning)
    return isAdded ? ": it is a string, and the element added is \(spelled.excerpt)" : ""
  }

  private func explainDuplicate(_ id: Int) -> Anomaly.Example {
    let duplicate = timelines.duplicates[id] ?? .init(copies: 0, read: 0)
    return Anomaly.Example(
      "The read that completed \(whereAndWhen(duplicate.read)) returned \(duplicate.copies) copies of "
        + "\(name(id)).",
      operations: [duplicate.read] + (id < timelines.elements.count ? [timelines.elements[id].add] : []))
  }

  private func explainMalformed(_ read: Int) -> Anomaly.Example {
    Anomaly.Example(
      "The read that completed \(whereAndWhen(read)) returned \(history.operations[read].shortValue), which is "
        + "not an array.",
      operations: [read])
  }
}

// MARK: - Lost values

extension SetFullReport {
  private func explainLost(_ id: Int) -> Anomaly.Example {
    let element = timelines.elements[id]
    guard let known = element.known, let lastAbsent = element.lastAbsent else {
      preconditionFailure("a lost element was known before a read missed it")
    }
    let isAcknowledged = history.operations[known].function == history.operations[element.add].function
    let since = isAcknowledged ? "was acknowledged" : "was first read"
    let seen =
      element.lastPresent.map { "The last read that returned it was invoked \(whereAndWhen($0))" }
      ?? "No read ever returned it"
    return Anomaly.Example(
      "\(name(id)) is lost: it \(since) \(whereAndWhen(known)), but the read invoked "
        + "\(whereAndWhen(lastAbsent)) did not return it. \(seen).",
      operations: [lastAbsent, known, element.add] + (element.lastPresent.map { [$0] } ?? []),
      value: timelines.interner.values[id])
  }

  /// The number of lost values, and of those how many were read nowhere, only on their origin, or elsewhere.
  private var lostInAll: String {
    let attempts = timelines.elements.count.grouped
    var sentences = ["\(lost.count.grouped) of the \(attempts) values that clients tried to add are lost."]
    let neverRead = lost.count { timelines.elements[$0.id].lastPresent == nil }
    let stuck = timelines.countReadOnlyOnOrigin(lost.map(\.id), history)
    if neverRead > 0 { sentences.append(counted(neverRead, "never read anywhere")) }
    if stuck > 0 { sentences.append(counted(stuck, "read only on the node that received the add")) }
    let vanished = lost.count - neverRead - stuck
    if vanished > 0 {
      sentences.append(counted(vanished, "read on other nodes before they vanished"))
    }
    return sentences.joined(separator: " ")
  }

  /// A sentence about some of the lost values, such as "3 of them were never read anywhere."
  private func counted(_ count: Int, _ what: String) -> String {
    "\(count == lost.count ? "All" : count.grouped) of them \(count == 1 ? "was" : "were") \(what)."
  }
}
