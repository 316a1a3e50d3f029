/// An immutable text that may share most of its bytes with others.
///
/// A read of a set repeats the elements of the previous read. Stored separately, the reads of a run would
/// take memory quadratic in its length.
package struct SharedText: Sendable {
  /// The shared part of a text.
  private final class Share: Sendable {
    /// The index in the text's own bytes at which the shared bytes are inserted.
    let position: Int
    /// The number of shared bytes: a prefix of `text`.
    let count: Int
    package let text: GrowingText

    init(_ text: GrowingText, count: Int, at position: Int) {
      self.text = text
      self.count = count
      self.position = position
    }
  }

  private let own: [UInt8]
  private let share: Share?

  /// A text without a shared part.
  package init(_ bytes: [UInt8]) {
    own = bytes
    share = nil
  }

  fileprivate init(own: [UInt8], sharing text: GrowingText, count: Int, at position: Int) {
    self.own = own
    share = Share(text, count: count, at: position)
  }

  /// The number of bytes that are not shared, for tests.
  package var ownCount: Int { own.count }

  /// The whole text. O(length) with a shared part, else O(1).
  package var bytes: [UInt8] {
    guard let share else { return own }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(own.count + share.count)
    bytes += own[..<share.position]
    bytes += share.text.bytes[..<share.count]
    bytes += own[share.position...]
    return bytes
  }
}

extension SharedText: Hashable {
  package static func == (a: SharedText, b: SharedText) -> Bool { a.bytes == b.bytes }

  package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

/// A text to which bytes are only appended.
private final class GrowingText: @unchecked Sendable {
  // Sendable because only one thread appends, while it records a history or a journal, and passes the record
  // to other threads afterwards. A shared prefix never changes.

  package private(set) var bytes: [UInt8]

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = Array(bytes) }

  package func append(_ more: ArraySlice<UInt8>) { bytes += more }
}

/// Finds common parts of texts of the same origin and makes them share storage.
///
/// It compares the outermost arrays of texts, which make large messages and values large. An array without
/// its closing bracket is a prefix of every longer array that begins with its elements.
package struct TextSharing: Sendable {
  /// The source of a text. Texts of one origin are likely to repeat each other.
  package struct Origin: Hashable, Sendable {
    /// The name of the node or client that wrote the text.
    let author: String
    /// The message type or function.
    let kind: String

    package init(_ author: String, _ kind: String) {
      self.author = author
      self.kind = kind
    }
  }

  /// The minimum length of a shared text, in bytes: sharing a shorter one saves nothing.
  package static let leastLength = 512

  private var latest: [Origin: GrowingText] = [:]

  package init() {}

  /// The text, with a shared part if it has one in common with the last texts of its origin.
  ///
  /// - Parameter origin: Called only for a text that is long enough.
  /// - Complexity: O(length).
  package mutating func share(_ text: [UInt8], from origin: () -> Origin) -> SharedText {
    guard text.count >= Self.leastLength, let start = text.firstIndex(of: UInt8(ascii: "[")),
      let end = text.lastIndex(of: UInt8(ascii: "]")), start < end
    else { return SharedText(text) }
    let origin = origin()
    let array = text[start..<end]
    let (shared, count) = grow(latest[origin], by: array)
    latest[origin] = shared
    return SharedText(
      own: Array(text[..<start] + text[(start + count)...]), sharing: shared, count: count, at: start)
  }

  /// A growing text and the number of its first bytes that are a prefix of the array. Appends to `text` if
  /// all of it is such a prefix.
  private func grow(_ text: GrowingText?, by array: ArraySlice<UInt8>) -> (GrowingText, count: Int) {
    guard let text else { return (GrowingText(array), array.count) }
    let common = array.commonPrefix(with: text.bytes)
    if common == text.bytes.count {
      text.append(array[(array.startIndex + common)...])
      return (text, array.count)
    }
    // Sharing half of the array is better than a new text, which would alternate with this one.
    return common >= array.count / 2 ? (text, common) : (GrowingText(array), array.count)
  }
}

extension ArraySlice<UInt8> {
  /// The length of the common prefix with another array, in bytes.
  fileprivate func commonPrefix(with other: [UInt8]) -> Int {
    withUnsafeBytes { mine in
      other.withUnsafeBytes { others in
        let length = Swift.min(mine.count, others.count)
        var count = 0
        // Compares eight bytes at a time, since the arrays are long.
        while count + 8 <= length,
          mine.loadUnaligned(fromByteOffset: count, as: UInt64.self)
            == others.loadUnaligned(fromByteOffset: count, as: UInt64.self)
        { count += 8 }
        while count < length, mine[count] == others[count] { count += 1 }
        return count
      }
    }
  }
}
