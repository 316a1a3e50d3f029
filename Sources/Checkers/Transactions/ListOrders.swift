/// What the reads of a history tell of the lists: for each key the longest one, which is the version order, and
/// the reads that contradict it.
///
/// Lists that are right are prefixes of each other. So each read is compared with the longest one seen so far,
/// and only what is new or contradictory is looked at element by element.
struct ListOrders {
  /// Two lists of a key of which neither is the beginning of the other.
  struct Contradiction {
    var key: Int
    /// The transactions that read the longest list and the other one.
    var readers: (longest: Int, other: Int)
    /// The numbers of the elements.
    var lists: (longest: [Int32], other: [Int32])
  }

  /// A read of a list that has an element more than once.
  struct Duplicate {
    var reader: Int
    var version: Int
  }

  private struct Key {
    /// The numbers of the elements of the longest list, and their versions.
    var elements: [Int32] = []
    var versions: [Int32] = []
    var reader = -1
    /// The least length of a beginning of the list that has an element twice.
    var firstDuplicate = Int.max
    /// A list that contradicts it.
    var other: (reader: Int, elements: [Int32])?
  }

  private var keys: [Key] = []
  private(set) var duplicates: [Duplicate] = []
  /// By version: its place in the longest list of its key; -1 if it is not in it.
  private var places: [Int32] = []
  /// By version: the first transaction whose read showed it; -1 if no read did.
  private var witnesses: [Int32] = []

  /// Takes note of a list that a committed transaction read, and returns the version that it is.
  ///
  /// - Complexity: O(length of the list).
  mutating func note(
    _ list: ArraySlice<Int>, of key: Int, by reader: Int, _ index: inout TransactionHistory
  ) -> Int {
    guard let last = list.last else { return index.version(key: key, value: nil) }
    while keys.count <= key { keys.append(Key()) }
    let common = keys[key].elements.commonPrefix(with: list)
    if common == list.count {
      let version = Int(keys[key].versions[common - 1])
      if list.count >= keys[key].firstDuplicate {
        duplicates.append(Duplicate(reader: reader, version: version))
      }
      return version
    }
    if common < keys[key].elements.count {
      noteContradiction(list, of: key, by: reader, &index)
    } else {
      keys[key].reader = reader
      extend(with: list[(list.startIndex + common)...], of: key, by: reader, &index)
    }
    return index.version(key: key, value: last)
  }

  private mutating func extend(
    with elements: ArraySlice<Int>, of key: Int, by reader: Int, _ index: inout TransactionHistory
  ) {
    for element in elements {
      let version = see(element, of: key, by: reader, &index)
      keys[key].elements.append(Int32(element))
      keys[key].versions.append(Int32(version))
      if places[version] < 0 {
        places[version] = Int32(keys[key].elements.count - 1)
      } else {
        keys[key].firstDuplicate = min(keys[key].firstDuplicate, keys[key].elements.count)
      }
    }
    if keys[key].firstDuplicate <= keys[key].elements.count, let last = keys[key].versions.last {
      duplicates.append(Duplicate(reader: reader, version: Int(last)))
    }
  }

  /// The version that an element is the last of. A transaction's read has shown it.
  private mutating func see(
    _ element: Int, of key: Int, by reader: Int, _ index: inout TransactionHistory
  ) -> Int {
    let version = index.version(key: key, value: element)
    while places.count < index.versions.count {
      places.append(-1)
      witnesses.append(-1)
    }
    if witnesses[version] < 0 { witnesses[version] = Int32(reader) }
    return version
  }

  private mutating func noteContradiction(
    _ list: ArraySlice<Int>, of key: Int, by reader: Int, _ index: inout TransactionHistory
  ) {
    let elements = list.map { Int32($0) }
    guard list.count > keys[key].elements.count else {
      let versions = list.map { see($0, of: key, by: reader, &index) }
      if Set(list).count < list.count {
        duplicates.append(Duplicate(reader: reader, version: versions[versions.count - 1]))
      }
      keys[key].other = keys[key].other ?? (reader, elements)
      return
    }
    for version in keys[key].versions { places[Int(version)] = -1 }
    let other = (keys[key].reader, keys[key].elements)
    keys[key] = Key(reader: reader, other: other)
    extend(with: list, of: key, by: reader, &index)
  }
}

extension [Int32] {
  /// The number of elements with which both this and a list begin.
  fileprivate func commonPrefix(with list: ArraySlice<Int>) -> Int {
    let count = Swift.min(self.count, list.count)
    var common = 0
    while common < count, self[common] == list[list.startIndex + common] { common += 1 }
    return common
  }
}

// MARK: - Views

extension ListOrders {
  /// The place of a version in the longest list of its key; nil if that lacks it.
  func place(of version: Int) -> Int? {
    version < places.count && places[version] >= 0 ? Int(places[version]) : nil
  }

  /// The first transaction whose read showed a version; nil if no read did.
  func witness(of version: Int) -> Int? {
    version < witnesses.count && witnesses[version] >= 0 ? Int(witnesses[version]) : nil
  }

  /// The versions of the longest list of a key, each at its first place.
  func order(of key: Int) -> [Int] {
    guard key < keys.count else { return [] }
    return keys[key].versions.enumerated().filter { places[Int($1)] == $0 }.map { Int($1) }
  }

  /// Whether each list that was read of a key is the beginning of the longest one.
  func isConsistent(_ key: Int) -> Bool { key >= keys.count || keys[key].other == nil }

  /// One contradiction for each key that has any.
  var contradictions: [Contradiction] {
    keys.enumerated().compactMap { id, key in
      key.other.map { other in
        Contradiction(
          key: id, readers: (key.reader, other.reader), lists: (key.elements, other.elements))
      }
    }
  }
}
