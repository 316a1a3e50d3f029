import Testing

@testable import EddyNode

@Suite struct CRC32CTests {
  private func checksum(_ bytes: [UInt8]) -> UInt32 {
    var checksum = CRC32C()
    bytes.withUnsafeBytes { checksum.add($0) }
    return checksum.value
  }

  /// The examples of RFC 3720, appendix B.4, and the check value of the CRC catalogues.
  @Test func theExamplesOfTheStandardHaveItsChecksums() {
    #expect(checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(checksum(Array(0..<32)) == 0x46DD_794E)
    #expect(checksum((0..<32).reversed()) == 0x113F_DB5C)
    #expect(checksum(Array("123456789".utf8)) == 0xE306_9283)
    #expect(checksum([]) == 0)
  }

  /// Bit by bit, as the definition has it.
  @Test func everyLengthAndEveryCutGiveTheChecksumOfTheDefinition() {
    var random = SeededGenerator(seed: 1)
    for count in 0..<70 {
      let bytes = (0..<count).map { _ in UInt8(random.below(256)) }
      var expected: UInt32 = ~0
      for byte in bytes {
        expected ^= UInt32(byte)
        for _ in 0..<8 { expected = expected & 1 == 1 ? expected >> 1 ^ 0x82F6_3B78 : expected >> 1 }
      }
      for cut in [0, count / 3, count] {
        var checksum = CRC32C()
        Array(bytes[..<cut]).withUnsafeBytes { checksum.add($0) }
        Array(bytes[cut...]).withUnsafeBytes { checksum.add($0) }
        #expect(checksum.value == ~expected)
      }
    }
  }
}
