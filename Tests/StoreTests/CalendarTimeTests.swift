import EddyStore
import EddyTiming
import Testing

@Suite struct CalendarTimeTests {
  @Test(arguments: [
    (0, "19700101T000000.000+0000"),
    (951_782_399_999, "20000228T235959.999+0000"),
    (951_782_400_000, "20000229T000000.000+0000"),
    (951_868_800_000, "20000301T000000.000+0000"),
    (1_795_396_500_123, "20261123T011500.123+0000"),
    // 2100 is no leap year.
    (4_107_542_399_000, "21000228T235959.000+0000"),
    (4_107_542_400_000, "21000301T000000.000+0000"),
  ])
  func aTimeIsNamedAsMaelstromNamesIt(milliseconds: Int, name: String) {
    #expect(CalendarTime(.milliseconds(milliseconds)).description == name)
  }

  @Test func namesSortAsTheirTimesDo() {
    // Steps of some seven hours over twelve years.
    let names = (0..<15_000).map { CalendarTime(.seconds($0 * 25_001)).description }
    #expect(names == names.sorted())
    #expect(Set(names).count == names.count)
  }
}
