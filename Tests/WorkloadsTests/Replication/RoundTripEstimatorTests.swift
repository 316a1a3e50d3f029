import Testing

@testable import EddyWorkloads

@Suite struct RoundTripEstimatorTests {
  /// RFC 6298, section 2.
  @Test func firstSampleSetsHalfOfItselfAsVariation() {
    var estimator = RoundTripEstimator()
    #expect(estimator.timeout == .seconds(1))
    estimator.add(.milliseconds(200))
    #expect(estimator.smoothed == .milliseconds(200))
    #expect(estimator.variation == .milliseconds(100))
    #expect(estimator.timeout == .milliseconds(600))
  }

  @Test func steadySamplesBringTheTimeoutDownToAFloor() {
    var estimator = RoundTripEstimator()
    for _ in 0..<60 { estimator.add(.milliseconds(200)) }
    #expect(estimator.timeout == .milliseconds(250))
  }

  @Test func samplesFromThePastAreIgnored() {
    var estimator = RoundTripEstimator()
    estimator.add(.milliseconds(-5))
    #expect(estimator.smoothed == nil)
  }
}
