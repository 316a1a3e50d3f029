import Testing

@testable import EddyWorkloads

@Suite struct VersionVectorTests {
  @Test func mergeTakesTheLargerCountOfEachOrigin() {
    var a = VersionVector()
    var b = VersionVector()
    a.raise(0, to: 3)
    b.raise(0, to: 1)
    b.raise(2, to: 5)
    #expect(!a.covers(b))
    a.merge(b)
    #expect((a[0], a[1], a[2], a[9]) == (3, 0, 5, 0))
    #expect(a.covers(b))
    #expect(!b.covers(a))
  }

  @Test func vectorNeverShrinks() {
    var vector = VersionVector()
    vector.raise(1, to: 4)
    vector.raise(1, to: 2)
    #expect(vector[1] == 4)
  }
}
