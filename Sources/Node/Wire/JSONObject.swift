/// An object's members in the order in which their keys first occurred. Where a key occurs twice, the last
/// value counts, as in most decoders.
public struct JSONObject: Sendable {
  /// Every key once, with its value.
  public private(set) var members: [(key: String, value: JSONValue)] = []

  /// Positions by key. Empty while a search through the members is faster.
  private var index: [ByteString: Int] = [:]
  private static let indexThreshold = 16

  /// An object without members.
  public init() {}

  /// An object of these members. Where a key occurs twice, the last value counts.
  public init(_ members: some Sequence<(String, JSONValue)>) {
    for (key, value) in members { self[key] = value }
  }

  /// The value of a key. Keys are compared by bytes. Setting `nil` removes the member.
  ///
  /// - Complexity: O(1) on average; removing is O(`count`).
  public subscript(key: String) -> JSONValue? {
    get { position(of: key).map { members[$0].value } }
    set {
      switch (position(of: key), newValue) {
      case (let position?, let value?): members[position].value = value
      case (let position?, nil): remove(at: position)
      case (nil, let value?): append(key, value)
      case (nil, nil): break
      }
    }
  }

  private func position(of key: String) -> Int? {
    let key = ByteString(key)
    guard index.isEmpty else { return index[key] }
    return members.firstIndex { ByteString($0.key) == key }
  }

  private mutating func append(_ key: String, _ value: JSONValue) {
    members.append((key, value))
    if !index.isEmpty {
      index[ByteString(key)] = members.count - 1
    } else if members.count > Self.indexThreshold {
      buildIndex()
    }
  }

  private mutating func remove(at position: Int) {
    members.remove(at: position)
    if !index.isEmpty { buildIndex() }
  }

  private mutating func buildIndex() {
    index.removeAll(keepingCapacity: true)
    for (position, member) in members.enumerated() { index[ByteString(member.key)] = position }
  }
}

extension JSONObject: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { members.count }
  /// The member at a position in the order of the keys.
  public subscript(position: Int) -> (key: String, value: JSONValue) { members[position] }

  /// The keys in the order in which they first occurred.
  public var keys: [String] { members.map(\.key) }
}

extension JSONObject: Hashable {
  /// The order of members does not count.
  public static func == (a: JSONObject, b: JSONObject) -> Bool {
    a.count == b.count && a.allSatisfy { b[$0.key] == $0.value }
  }

  public func hash(into hasher: inout Hasher) {
    var sum = 0
    for (key, value) in members {
      var member = Hasher()
      member.combine(ByteString(key))
      member.combine(value)
      sum &+= member.finalize()
    }
    hasher.combine(sum)
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
