import EddyNode
import EddyTiming
import Testing

@testable import EddyWorkloads

@Suite struct PeerProgressTests {
  private let allowance = PeerProgress.Allowance(
    acknowledgementDelay: .seconds(1), timeout: .milliseconds(300))

  private func vector(_ counts: Int...) -> VersionVector {
    var vector = VersionVector()
    for (origin, count) in counts.enumerated() { vector.raise(origin, to: count) }
    return vector
  }

  private func at(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

  /// The peer may delay its acknowledgement after each message, but not for ever.
  @Test func entriesAreSentAgainADelayAfterTheLastAndTwoAfterTheFirst() {
    var progress = PeerProgress()
    progress.noteSent(vector(1), at: at(0), allowance)
    #expect(progress.retryAt == at(1300))
    progress.noteSent(vector(2), at: at(500), allowance)
    #expect(progress.retryAt == at(1800))
    progress.noteSent(vector(3), at: at(1900), allowance)
    #expect(progress.retryAt == at(2300))
    progress.noteHas(0, 3)
    progress.noteAcknowledgement()
    #expect(progress.retryAt == nil)
    #expect(!progress.isPending)
  }

  @Test func whatIsSentAgainIsWhatWasNotAcknowledged() {
    var log = ReplicatedLog()
    let origin = log.index(of: Origin(node: 0, incarnation: 1))
    for number in 0..<3 { log.append(RawJSON(number), origin: origin) }
    var progress = PeerProgress()
    progress.noteSent(log.offered, at: at(0), allowance)
    progress.noteHas(origin, 1)
    #expect(!progress.lacksEntries(of: log))
    progress.resetToAcknowledged()
    #expect(progress.entries(of: log).map(\.first) == [1])
  }

  /// A complete message says that the peer lacks what it does not name.
  @Test func anAssumptionGivesWayToWhatThePeerSays() {
    var progress = PeerProgress()
    progress.assumeDelivered(vector(4, 2), since: at(0), allowance)
    #expect(progress.sent == vector(4, 2))
    progress.noteHas(exactly: vector(4))
    #expect(progress.sent == vector(4))
    #expect(progress.retryAt == nil)
  }

  @Test func anAcknowledgementGoesAloneWhenThePeerIsSilentOrGoesOnForTwiceAsLong() {
    var progress = PeerProgress()
    func isDue(_ now: Int, heard: Int) -> Bool {
      progress.isAcknowledgementDue(lastHeard: at(heard), after: .seconds(1), at: at(now))
    }
    #expect(!isDue(5000, heard: 0))
    progress.noteOwedAcknowledgement(of: 0, since: at(0))
    #expect(!isDue(999, heard: 0))
    #expect(isDue(1000, heard: 0))
    #expect(!isDue(1999, heard: 1500))
    #expect(isDue(2000, heard: 1500))
    progress.clearOwedAcknowledgements()
    #expect(!isDue(2000, heard: 0))
  }

  @Test func aSecondRequestIsNewOnlyIfItAsksForMore() {
    var progress = PeerProgress()
    let areNew = [false, false, true, false].map { progress.noteRequest(forEverything: $0) }
    #expect(areNew == [true, false, true, false])
    #expect(progress.request == .everything)
  }
}

@Suite struct AntiEntropyTests {
  @Test func whatAPeerHasIsPulledAtGrowingIntervalsUntilItComes() {
    var (local, remote) = (VersionVector(), VersionVector())
    remote.raise(2, to: 5)
    var antiEntropy = AntiEntropy()
    var now = Instant.zero + .seconds(1)
    antiEntropy.compare(local: local, remote: remote, pullAt: now)
    antiEntropy.compare(local: local, remote: remote, pullAt: now + .seconds(9))
    #expect(antiEntropy.pullAt == now, "the first time counts")
    for interval in [100, 200, 400, 400] {
      antiEntropy.notePull(at: now, timeout: .milliseconds(100), longest: .milliseconds(400))
      now += .milliseconds(interval)
      #expect(antiEntropy.pullAt == now)
    }
    local.raise(2, to: 5)
    antiEntropy.compare(local: local, remote: remote, pullAt: now)
    #expect(!antiEntropy.isPending)
  }

  @Test func aPeerIsAskedOnceAnInterval() {
    var antiEntropy = AntiEntropy()
    let asked = [0, 99, 100, 150, 200].map {
      antiEntropy.mayAsk(at: .zero + .milliseconds($0), interval: .milliseconds(100))
    }
    #expect(asked == [true, false, true, false, true])
  }
}

@Suite struct FailureDetectorTests {
  private func detector() -> FailureDetector {
    FailureDetector(peers: 2, options: .init(window: .milliseconds(400)), at: .zero)
  }

  private func at(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

  /// RFC 3550, section 6.4.1: the time since the stamp, without that for which the peer has held it.
  @Test func anEchoMeasuresTheRoundTripWithoutTheTimeItWasHeld() {
    var detector = detector()
    #expect(detector.timeout(of: 1) == .milliseconds(500))
    detector.noteEcho(.init(stamp: Timestamp(at(100)), held: .milliseconds(250)), from: 1, at: at(550))
    #expect(detector.roundTrip(of: 1) == .milliseconds(200))
    #expect(detector.hasProved(1, sentSince: at(100)))
    #expect(!detector.hasProved(1, sentSince: at(101)))
  }

  /// That the peer is heard does not show that it hears.
  @Test func aSuspectedPeerIsProvedByWhatWasSentSince() {
    var detector = detector()
    detector.suspect(1, since: at(1000))
    detector.noteMessage(Timestamp(at(7)), from: 1, at: at(1100))
    detector.noteEcho(.init(stamp: Timestamp(at(900)), held: .zero), from: 1, at: at(1100))
    #expect(!detector.isProved(1))
    detector.noteEcho(.init(stamp: Timestamp(at(1000)), held: .zero), from: 1, at: at(1200))
    #expect(detector.isProved(1))
  }

  @Test func aMessageThatWasOvertakenIsNotEchoed() {
    var detector = detector()
    detector.noteMessage(Timestamp(microseconds: 9), from: 1, at: at(10))
    #expect(detector.isOvertaken(Timestamp(microseconds: 9), from: 1))
    #expect(detector.isOvertaken(Timestamp(microseconds: 8), from: 1))
    detector.noteMessage(Timestamp(microseconds: 8), from: 1, at: at(20))
    #expect(
      detector.echo(to: 1, at: at(30)) == .init(stamp: Timestamp(microseconds: 9), held: .milliseconds(20)))
    detector.forgetStamps(of: 1)
    #expect(detector.echo(to: 1, at: at(30)) == nil)
  }

  @Test func aNodeCatchesUpFromALateTickUntilOneComesInTime() {
    var detector = detector()
    #expect(detector.noteTick(at: at(100)) == false)
    #expect(!detector.isCatchingUp(at: at(210)))
    #expect(detector.isCatchingUp(at: at(211)))
    #expect(detector.noteTick(at: at(900)) == true)
    #expect(detector.isCatchingUp(at: at(901)))
    #expect(detector.noteTick(at: at(1000)) == false)
    #expect(!detector.isCatchingUp(at: at(1001)))
  }
}

@Suite struct RejoinProbesTests {
  @Test func strangersAreProbedInTurnAfterTheNeighbours() {
    var probes = RejoinProbes(at: .zero)
    let areDue = [1999, 2000, 3000, 4000].map {
      probes.isDue(at: .zero + .milliseconds($0), interval: .seconds(2))
    }
    #expect(areDue == [false, true, false, true])
    let strangers = (0..<5).map { _ in probes.takeStranger(of: 3) }
    #expect(strangers == [nil, 1, 2, 0, 1])
  }
}
