import Testing

@testable import EddyWorkloads

@Suite struct SpanningTreeTests {
  @Test func starHangsEverybodyFromTheFirst() {
    #expect(SpanningTree.star(4).parents == [nil, 0, 0, 0])
  }

  @Test(arguments: [65, 100, 1000]) func nobodyInALargeClusterHasManyChildren(count: Int) {
    let parents = SpanningTree.balanced(count).parents
    let children = Dictionary(grouping: parents.compactMap(\.self)) { $0 }.mapValues(\.count)
    #expect(children.values.allSatisfy { $0 * $0 <= count + 2 * $0 })
    #expect(parents[0] == nil)
    #expect(parents.dropFirst().allSatisfy { $0 == 0 || parents[$0!] == 0 }, "two hops to the root at most")
  }

  @Test func smallClusterIsAStar() {
    #expect(SpanningTree.balanced(64) == .star(64))
  }

  @Test func treeOfALineIsRootedInItsMiddle() {
    let line = [[1], [0, 2], [1, 3], [2, 4], [3]]
    #expect(SpanningTree.spanning(line).parents == [1, 2, nil, 2, 3])
  }

  @Test func nodesThatTheGraphDoesNotReachHangFromTheRoot() {
    let tree = SpanningTree.spanning([[1], [0, 2], [1], []])
    #expect(tree.parents == [1, nil, 1, 1])
  }

  @Test func everyNodeOfAGridReachesTheRoot() {
    let side = 5
    let grid = (0..<side * side).map { place in
      [
        place - side, place + side, place % side > 0 ? place - 1 : -1,
        place % side < side - 1 ? place + 1 : -1,
      ]
      .filter { (0..<side * side).contains($0) }
    }
    let tree = SpanningTree.spanning(grid)
    for start in grid.indices {
      var (node, hops) = (start, 0)
      while let parent = tree.parents[node] {
        #expect(grid[node].contains(parent))
        node = parent
        hops += 1
      }
      #expect(node == tree.root)
      #expect(hops <= side - 1)
    }
  }
}
