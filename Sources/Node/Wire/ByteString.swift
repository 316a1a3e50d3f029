/// A string compared and hashed by its bytes.
///
/// `String` calls canonically equivalent texts equal ("é" in one scalar or in two), which JSON
/// does not: two keys are the same only if their code units are (RFC 8259, section 8.3).
struct ByteString: Hashable, Comparable, Sendable {
  var string: String

  init(_ string: String) { self.string = string }

  static func == (a: ByteString, b: ByteString) -> Bool {
    a.withBytes { a in b.withBytes { b in a.count == b.count && a.elementsEqual(b) } }
  }

  static func < (a: ByteString, b: ByteString) -> Bool {
    a.withBytes { a in b.withBytes { b in a.lexicographicallyPrecedes(b) } }
  }

  func hash(into hasher: inout Hasher) {
    withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(0xFF as UInt8)  // Never in UTF-8, so no text's bytes are a prefix of another's.
  }

  @inline(__always)
  private func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    string.withContiguousUTF8(body)
  }
}

extension String {
  /// `withUTF8` for a constant: on Linux every string is stored as contiguous UTF-8.
  @inline(__always)
  func withContiguousUTF8<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    utf8.withContiguousStorageIfAvailable(body).unsafelyUnwrapped
  }
}
