/// Text that is kept for long, and that may share most of its bytes with others.
///
/// A read of a set returns all that the read before it returned, and more. Kept whole, the reads of a
/// run would take memory that grows with the square of its length.
package struct SharedText: Sendable {
  /// What the text shares with others.
  private final class Share: Sendable {
    /// Where in the text's own bytes it stands.
    let position: Int
    /// How many bytes from the start of `text` it is.
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

  /// A text that shares nothing.
  package init(_ bytes: [UInt8]) {
    own = bytes
    share = nil
  }

  fileprivate init(own: [UInt8], sharing text: GrowingText, count: Int, at position: Int) {
    self.own = own
    share = Share(text, count: count, at: position)
  }

  /// How many bytes are the text's alone, for tests.
  package var ownCount: Int { own.count }

  /// All of the text. O(length) if it shares something.
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

/// Bytes to which others are only ever added.
private final class GrowingText: @unchecked Sendable {
  // Sendable because it grows only while a history or a journal is recorded, which one thread does, and
  // what has been recorded is handed to others only then. Those who share a beginning never see it change.

  package private(set) var bytes: [UInt8]

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = Array(bytes) }

  package func append(_ more: ArraySlice<UInt8>) { bytes += more }
}

/// Finds what texts of the same origin have in common, and has them share it.
///
/// What is compared is the outermost array of a text: of a message or of a value that is large, it is
/// what makes it so. Without its bracket at the end, an array is the beginning of every longer one that
/// starts with its elements.
package struct TextSharing: Sendable {
  /// Texts of one origin are likely to repeat each other.
  package struct Origin: Hashable, Sendable {
    /// The name of whoever wrote the text.
    let author: String
    /// What sort of text it is.
    let kind: String

    package init(_ author: String, _ kind: String) {
      self.author = author
      self.kind = kind
    }
  }

  /// A text shorter than this is not worth the trouble.
  package static let leastLength = 512

  private var latest: [Origin: GrowingText] = [:]

  package init() {}

  /// The text, as it is best kept.
  ///
  /// - Parameter origin: Asked only of a text that is long enough.
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

  /// The text that has at its beginning so many bytes of the array.
  private func grow(_ text: GrowingText?, by array: ArraySlice<UInt8>) -> (GrowingText, count: Int) {
    guard let text else { return (GrowingText(array), array.count) }
    let common = array.commonPrefix(with: text.bytes)
    if common == text.bytes.count {
      text.append(array[(array.startIndex + common)...])
      return (text, array.count)
    }
    // Half an array to oneself is better than a new start with every other one.
    return common >= array.count / 2 ? (text, common) : (GrowingText(array), array.count)
  }
}

extension ArraySlice<UInt8> {
  /// How many bytes the slice begins with that the array begins with too.
  fileprivate func commonPrefix(with other: [UInt8]) -> Int {
    withUnsafeBytes { mine in
      other.withUnsafeBytes { others in
        let length = Swift.min(mine.count, others.count)
        var count = 0
        // Eight bytes at a time: the arrays are long.
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
