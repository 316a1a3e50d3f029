import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyTiming

/// The fate of the messages between nodes that carried certain values.
///
/// A message carries a value if its body contains it as a number, a string or a key, except in `type`,
/// `msg_id` and `in_reply_to`. Other encodings are not recognized, so the sentences say that messages
/// "contained" a value.
struct ValueDeliveries {
  private let recording: Recording
  /// By plain text of the tracked value.
  private var deliveries: [String: ValueDelivery] = [:]

  init(_ recording: Recording) { self.recording = recording }

  /// Tracks the value of an example. Call it before ``readMessages()``. Nil and values that are neither
  /// numbers nor strings are ignored.
  mutating func track(_ value: RawJSON?, _ scope: AnomalyScope) {
    guard let value, let text = value.plainText else { return }
    deliveries[text] = ValueDelivery(value: value.excerpt, span: scope.span, reader: scope.reader)
  }

  /// Searches all messages for the tracked values. O(length of the messages between nodes).
  mutating func readMessages() {
    guard !deliveries.isEmpty else { return }
    let nodes = Set(recording.nodes)
    for message in recording.messages
    where nodes.contains(message.source) && nodes.contains(message.destination) {
      var found: Set<String> = []
      var reader = JSONReader(message.line)
      try? reader.visitPlainTexts(besides: ["src", "dest", "id", "type", "msg_id", "in_reply_to"]) { text in
        if deliveries[text] != nil { found.insert(text) }
      }
      // Any order: each text has its own entry.
      for text in found { deliveries[text]?.add(message) }
    }
  }

  /// Sentences about a tracked value; empty for others.
  func sentences(on value: RawJSON?) -> [String] {
    value?.plainText.flatMap { deliveries[$0] }?.sentences ?? []
  }
}

/// The fate of the messages that carried one value.
private struct ValueDelivery {
  /// A message that did not arrive.
  struct Loss {
    var source: String
    var destination: String
    var drop: MessageRecord.Drop
  }

  /// The maximum number of losses listed.
  static let lossLimit = 3

  package let value: String
  /// From the add of the value to the read that missed it.
  let span: ClosedRange<Instant>
  /// The node whose read missed it.
  let reader: String?
  private var count = 0
  private var lossCount = 0
  private var losses: [Loss] = []
  private var isLastLost = false
  /// Whether a message contained the value before it was added. It then also has another meaning, and no
  /// conclusion is possible.
  private var isAmbiguous = false
  /// When the reader first received it, and from which node.
  private var arrival: (time: Instant, source: String)?

  init(value: String, span: ClosedRange<Instant>, reader: String?) {
    (self.value, self.span, self.reader) = (value, span, reader)
  }

  /// Adds a message that carries the value. Call it in the order of sends.
  mutating func add(_ message: MessageRecord) {
    guard message.sent >= span.lowerBound else {
      isAmbiguous = true
      return
    }
    count += 1
    isLastLost = false
    if message.received.isEmpty, let drop = message.dropped.first {
      lossCount += 1
      isLastLost = true
      if losses.count < Self.lossLimit {
        losses.append(Loss(source: message.source, destination: message.destination, drop: drop))
      }
    }
    if arrival == nil, message.destination == reader,
      let time = message.received.first(where: { $0 <= span.upperBound })
    {
      arrival = (time, message.source)
    }
  }

  var sentences: [String] {
    if isAmbiguous { return [] }
    if count == 0 { return ["No message between nodes contained \(value)."] }
    if let arrival, let reader {
      return ["\(reader) received \(value) from \(arrival.source) at \(arrival.time.seconds)."]
    }
    if lossCount > 0 {
      let shown = losses.map {
        "from \($0.source) to \($0.destination) at \($0.drop.time.seconds) (\($0.drop.reason.rawValue))"
      }
      let rest = lossCount > shown.count ? " and \((lossCount - shown.count).grouped) more" : ""
      let verb = lossCount == 1 ? "was" : "were"
      return [
        "\(lossCount.counted("message")) that contained \(value) \(verb) lost: \(shown.joined(separator: ", "))\(rest)"
          + (isLastLost ? "; the value was not sent again." : ".")
      ]
    }
    return reader.map { ["No message that contained \(value) reached \($0)."] } ?? []
  }
}

extension RawJSON {
  /// The content of a string or the text of a number; nil for other values, which are too common or too large
  /// to search for.
  fileprivate var plainText: String? {
    switch reader.peek() {
    case .string: if case .string(let text) = decoded() { text } else { nil }
    case .number: description
    default: nil
    }
  }
}

extension JSONReader {
  /// Calls `body` with the plain text of every number, string and key, except under ignored keys.
  fileprivate mutating func visitPlainTexts(
    besides ignored: Set<String>, _ body: (String) -> Void
  ) throws(JSONError) {
    switch peek() {
    case .array:
      try beginArray()
      while try nextElement() { try visitPlainTexts(besides: ignored, body) }
    case .object:
      try beginObject()
      while let key = try nextKey() {
        if ignored.contains(key) {
          _ = try readRaw()
        } else {
          body(key)
          try visitPlainTexts(besides: ignored, body)
        }
      }
    case .string: body(try readString())
    case .number: body(try readRaw().description)
    case .null, .bool, nil: _ = try readRaw()
    }
  }
}
