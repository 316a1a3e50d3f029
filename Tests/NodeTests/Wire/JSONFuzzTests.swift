import EddyNode
import Foundation
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
    var reader = JSONReader(text)
    let ours = try? reader.readValue()
    let value = (try? reader.finish()) == nil ? nil : ours
    #expect(isAccepted(text) == (value != nil), "skipping and reading accept the same")
    let theirs = try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)
    let agree =
      if let value, let theirs { value.isSame(as: theirs) } else { (value == nil) == (theirs == nil) }
    #expect(
      agree || KnownDeviation.allCases.contains { $0.explains(text, readAs: value) },
      "\(String(decoding: text, as: UTF8.self)): \(value as Any) is not \(theirs as Any)")
  }
}
