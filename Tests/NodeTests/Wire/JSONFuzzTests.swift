import Foundation
import Node
import Testing

/// The codec against Foundation's parser, which shares no line with it.
///
/// Where Foundation is known to deviate from RFC 8259, or to choose otherwise where the RFC leaves a
/// choice, `KnownDeviation` says so; any other difference fails.
@Suite struct JSONFuzzTests {
  @Test(arguments: UInt64(0)..<8)
  func generatedValuesAreReadAsFoundationReadsThem(seed: UInt64) throws {
    var generator = JSONGenerator(seed: seed)
    for _ in 0..<1_000 {
      let text = generator.text(depth: 4)
      #expect(isAccepted(text), "\(String(decoding: text, as: UTF8.self))")
      compare(text)
    }
  }

  @Test(arguments: UInt64(100)..<108)
  func mutatedValuesAreAcceptedAsFoundationAcceptsThem(seed: UInt64) throws {
    var generator = JSONGenerator(seed: seed)
    for _ in 0..<3_000 { compare(generator.mutated(generator.text(depth: 3))) }
  }

  @Test(arguments: UInt64(200)..<204)
  func whatIsWrittenReadsBack(seed: UInt64) throws {
    var generator = JSONGenerator(seed: seed)
    for _ in 0..<1_000 {
      let text = String(decoding: generator.text(depth: 4), as: UTF8.self)
      let value = try JSONValue(parsing: text)
      #expect(try JSONValue(parsing: value.description) == value)
      #expect(try RawJSON(parsing: text).decoded() == value)
      let message = try Message(parsing: #"{"src":"a","dest":"b","body":{"type":"t","x":\#(text),"y":0}}"#)
      #expect(try message.value("x") == value)
      #expect(message.body["x"] == value)
    }
  }

  private func compare(_ text: [UInt8]) {
    let ours = Result { () throws(JSONError) in
      var reader = JSONReader(text)
      let value = try reader.readValue()
      try reader.finish()
      return value
    }
    let value = try? ours.get()
    #expect(isAccepted(text) == (value != nil), "skipping and reading accept the same")
    if KnownDeviation.allCases.contains(where: { $0.applies(to: text, readAs: value) }) { return }
    let theirs = Result { try JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed) }
    let shown = String(decoding: text, as: UTF8.self)
    switch (ours, theirs) {
    case (.success(let ours), .success(let theirs)):
      #expect(ours.isSame(as: theirs), "\(shown): \(ours) is not \(theirs)")
    case (.failure, .failure): break
    case (.success(let ours), .failure(let error)): Issue.record("only we accept \(shown): \(ours), \(error)")
    case (.failure(let error), .success(let theirs)):
      Issue.record("only they accept \(shown): \(theirs), \(error)")
    }
  }
}
