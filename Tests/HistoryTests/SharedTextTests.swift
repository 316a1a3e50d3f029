import EddyHistory
import EddyNode
import EddyTiming
import Testing

struct SharedTextTests {
  private static let reads = TextSharing.Origin("n0", "read_ok")

  /// A reply that holds an array.
  private func reply(_ elements: some Sequence<Int>, id: Int = 7) -> [UInt8] {
    let array = elements.map { "\($0)" }.joined(separator: ",")
    return Array(#"{"src":"n0","dest":"c\#(id)","body":{"type":"read_ok","messages":[\#(array)]}}"#.utf8)
  }

  @Test func aTextReadsBackWhateverTheOnesBeforeItWere() {
    var random = SeededGenerator(seed: 11)
    var sharing = TextSharing()
    var kept: [(text: [UInt8], shared: SharedText)] = []
    var elements = Array(0..<300)
    for step in 0..<2_000 {
      switch random.below(8) {
      case 0: elements = Array(elements.prefix(random.below(elements.count + 1)))
      case 1: elements.insert(-step, at: random.below(elements.count + 1))
      case 2: elements = (0..<random.below(400)).map { _ in random.below(1_000) }
      default: elements += (0..<random.below(20)).map { $0 + step }
      }
      let text = reply(elements, id: step)
      kept.append((text, sharing.share(text) { Self.reads }))
    }
    #expect(kept.allSatisfy { $0.shared.bytes == $0.text })
  }

  @Test(arguments: ["]", "[", "][", "[]", "no array", "[1,[2],", "{\"a\":\"]\",\"b\":[1]}"])
  func whatLooksLikeNoArrayReadsBackToo(text: String) {
    var sharing = TextSharing()
    let text = Array((String(repeating: " ", count: TextSharing.leastLength) + text).utf8)
    for _ in 0..<2 { #expect(sharing.share(text) { Self.reads }.bytes == text) }
  }

  @Test func aReadKeepsNothingOfWhatTheOneBeforeItReturned() {
    var sharing = TextSharing()
    for length in 500..<1_500 {
      #expect(sharing.share(reply(0..<length)) { Self.reads }.ownCount == reply([]).count - 1)
    }
  }

  @Test func aReadThatMissesTheNewestElementsSharesTheOthers() {
    var sharing = TextSharing()
    _ = sharing.share(reply(0..<1_000)) { Self.reads }
    #expect(sharing.share(reply(0..<900)) { Self.reads }.ownCount < 100)
    #expect(sharing.share(reply([Int](0..<900) + [7])) { Self.reads }.ownCount < 100)
  }

  @Test func textsOfAnotherOriginDoNotDisturb() {
    var sharing = TextSharing()
    for length in 500..<600 {
      #expect(sharing.share(reply(0..<length)) { Self.reads }.ownCount < 100)
      _ = sharing.share(reply((0..<500).reversed())) { .init("n1", "read_ok") }
      _ = sharing.share(reply(length..<length + 500)) { .init("n0", "gossip") }
    }
  }

  @Test func anOperationTellsItsLongValueAsItWas() throws {
    let values = try (0..<50).map { count in
      try RawJSON(parsing: "[" + (0..<500 + count).map { "\($0)" }.joined(separator: ", ") + "]")
    }
    var history = History()
    for value in values {
      history.append(Operation(time: .zero, process: .client(0), kind: .invoke, function: "read"))
      history.append(Operation(time: .zero, process: .client(0), kind: .ok, function: "read", value: value))
    }
    #expect(history.operations.filter { $0.kind == .ok }.map(\.value) == values)
  }
}
