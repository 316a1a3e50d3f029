import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyTiming

/// What became of the messages between nodes that carried some values.
///
/// A message carries a value if its body contains it: as a value anywhere but in `type`, `msg_id` and
/// `in_reply_to`, as the text of a string, or as a key. What nodes encode in other ways is not seen, so
/// the sentences speak of what messages contain.
struct ValueTrails {
  private let recording: Recording
  /// By what is looked for.
  private var trails: [String: ValueTrail] = [:]

  init(_ recording: Recording) { self.recording = recording }

  /// Has a value looked for: that of an example whose most telling operation is the read that missed it.
  mutating func follow(_ value: RawJSON?, _ scope: AnomalyScope) {
    guard let value, let text = value.plainText else { return }
    trails[text] = ValueTrail(value: value.shortened, span: scope.span, reader: scope.witness)
  }

  /// Reads the messages. O(length of those between nodes).
  mutating func read() {
    guard !trails.isEmpty else { return }
    let nodes = Set(recording.nodes)
    for message in recording.messages
    where nodes.contains(message.source) && nodes.contains(message.destination) {
      var found: Set<String> = []
      var reader = JSONReader(message.line)
      try? reader.visitPlainTexts(besides: ["src", "dest", "id", "type", "msg_id", "in_reply_to"]) { text in
        if trails[text] != nil { found.insert(text) }
      }
      // Any order: each text has a trail of its own.
      for text in found { trails[text]?.note(message) }
    }
  }

  func sentences(on value: RawJSON?) -> [String] { value?.plainText.flatMap { trails[$0] }?.sentences ?? [] }
}

/// What became of the messages that carried one value.
private struct ValueTrail {
  /// A message that did not arrive.
  struct Loss {
    var source: String
    var destination: String
    var drop: MessageRecord.Drop
  }

  /// How many losses are told one by one.
  static let lossLimit = 3

  package let value: String
  /// From when the value was added to when it was missed.
  let span: ClosedRange<Instant>
  /// The node that missed it.
  let reader: String?
  private var count = 0
  private var lossCount = 0
  private var losses: [Loss] = []
  private var isLastLost = false
  /// Whether messages contained the value before anybody had added it: then it also means something else,
  /// and nothing can be told.
  private var isAmbiguous = false
  /// When the reader's node received it first, and from whom.
  private var arrival: (time: Instant, source: String)?

  init(value: String, span: ClosedRange<Instant>, reader: String?) {
    (self.value, self.span, self.reader) = (value, span, reader)
  }

  /// Notes a message that carries the value; to be called in the order of sending.
  mutating func note(_ message: MessageRecord) {
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
      let told = losses.map {
        "from \($0.source) to \($0.destination) at \($0.drop.time.seconds) (\($0.drop.reason.rawValue))"
      }
      let rest = lossCount > told.count ? " and \((lossCount - told.count).grouped) more" : ""
      let verb = lossCount == 1 ? "was" : "were"
      return [
        "\(lossCount.counted("message")) that contained \(value) \(verb) lost: \(told.joined(separator: ", "))\(rest)"
          + (isLastLost ? "; it was never sent again." : ".")
      ]
    }
    return reader.map { ["No message that contained \(value) reached \($0)."] } ?? []
  }
}

extension RawJSON {
  /// A string's content, a number's spelling; nil for values of other kinds, which are too common or too
  /// large to be looked for.
  fileprivate var plainText: String? {
    switch reader.peek() {
    case .string: if case .string(let text) = decoded() { text } else { nil }
    case .number: description
    default: nil
    }
  }
}

extension JSONReader {
  /// Calls `body` with the plain text of every number, string and key, but for what stands under certain
  /// keys.
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
