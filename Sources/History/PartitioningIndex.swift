extension Array {
  /// The index of the first element that satisfies a predicate, or `endIndex` if none does.
  ///
  /// If an element satisfies the predicate, all later elements must do so too. Named after the method of
  /// swift-algorithms; this one suffices for the four searches of this package.
  ///
  /// - Complexity: O(log n). Inlinable, so that it is specialized in other modules.
  @inlinable
  package func partitioningIndex(where predicate: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
