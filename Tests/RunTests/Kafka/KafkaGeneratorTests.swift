import EddyHistory
import EddyNode
import EddyRun
import EddyTiming
import HistoryScripts
import Testing

/// What kafka clients are told to do.
struct KafkaGeneratorTests {
  private func options(rate: Double = 100, keyCount: Int? = nil, maxWritesPerKey: Int = 16) -> TestOptions {
    var options = TestOptions(workload: "kafka", nodes: ["n0"], concurrency: 10, rate: rate)
    options.keyCount = keyCount
    options.maxWritesPerKey = maxWritesPerKey
    return options
  }

  private func invocations(_ options: TestOptions, count: Int = 20_000) -> [Invocation] {
    var workload = KafkaWorkload(options)
    var random = SeededGenerator(seed: 7)
    return (0..<count).compactMap { _ in
      workload.nextInvocation(for: ClientThread(index: 0, count: 1, process: 0), &random)
    }
  }

  /// Key and message of a send.
  private func sent(_ invocation: Invocation) -> (key: Int, message: Int)? {
    guard invocation.function == "send", let value = invocation.value?.decoded(),
      case .string(let key)? = value[0]?[1], case .integer(let message)? = value[0]?[2], let key = Int(key)
    else { return nil }
    return (key, Int(message))
  }

  @Test func operationsComeInMaelstromsProportions() {
    let counts = Dictionary(grouping: invocations(options()), by: \.function).mapValues(\.count)
    // One crash in 30 s for each of 10 clients, at 100 operations a second; one assign in 64.
    #expect((40...95).contains(counts["crash"] ?? 0))
    #expect((260...370).contains(counts["assign"] ?? 0))
    #expect((9_300...10_300).contains(counts["send"] ?? 0))
    #expect((9_300...10_300).contains(counts["poll"] ?? 0))
  }

  @Test func atALowRateAtMostEveryOtherOperationIsACrash() {
    let count = invocations(options(rate: 0.01), count: 2_000).count { $0.function == "crash" }
    #expect((850...1_150).contains(count))
  }

  @Test func noMessageIsSentTwiceAndKeysRetire() {
    var messages: [Int: [Int]] = [:]
    for (key, message) in invocations(options(maxWritesPerKey: 5)).compactMap(sent) {
      messages[key, default: []].append(message)
    }
    #expect(messages.count > 1_000)
    #expect(messages.values.allSatisfy { $0 == Array(1...$0.count) && $0.count <= 5 })
    #expect(messages.values.count { $0.count < 5 } <= 10)
  }

  @Test func theLastKeyIsTheMostPopular() {
    let keys = invocations(options(keyCount: 4, maxWritesPerKey: 1_000_000)).compactMap(sent).map(\.key)
    let shares = (0..<4).map { key in Double(keys.count { $0 == key }) / Double(keys.count) }
    for (share, expected) in zip(shares, [1.0, 2, 4, 8]) { #expect(abs(share - expected / 15) < 0.02) }
  }

  @Test func anAssignTakesInWhatNobodyHasPolled() throws {
    var workload = KafkaWorkload(options(keyCount: 1, maxWritesPerKey: 1_000_000))
    var random = SeededGenerator(seed: 7)
    func complete(_ function: String, _ value: String) {
      workload.observe(
        Operation(time: 1.ms, process: .client(0), kind: .ok, function: function, value: value.json))
    }
    func assigns() -> Set<String> {
      let all = (0..<20_000).compactMap { _ in
        workload.nextInvocation(for: ClientThread(index: 0, count: 1, process: 0), &random)
      }
      return Set(all.filter { $0.function == "assign" }.compactMap { $0.value?.description })
    }
    complete("send", #"[["send","9",[5,1]]]"#)
    complete("send", #"[["send","8",[2,1]]]"#)
    #expect(assigns() == [#"["0"]"#, #"["8","9","0"]"#])
    complete("poll", #"[["poll",{"9":[[4,1],[5,1]],"8":[[1,1]]}]]"#)
    #expect(assigns() == [#"["0"]"#, #"["8","0"]"#])
  }

  // MARK: - After recovery

  private func finalOperations(_ completions: [(String, String)]) -> (any FinalOperations)? {
    var workload = KafkaWorkload(options())
    for (function, value) in completions {
      workload.observe(
        Operation(time: 1.ms, process: .client(0), kind: .ok, function: function, value: value.json))
    }
    return workload.makeFinalOperations(for: ClientThread(index: 0, count: 1, process: 0))
  }

  @Test func everyThreadStartsAfreshAndPollsUntilItHasSeenAll() throws {
    var final = try #require(
      finalOperations([
        ("send", #"[["send","10",[5,1]]]"#), ("poll", #"[["poll",{"9":[[3,1]],"10":[[2,0]]}]]"#),
      ]))
    var random = SeededGenerator(seed: 7)
    var now = Instant.zero
    func next() -> String? {
      guard let next = final.next(at: now, &random) else { return nil }
      now = max(now, next.due)
      return "\(next.invocation.function) \(next.invocation.value.map(\.description) ?? "")"
    }
    func poll(_ records: String) {
      final.observe(
        Operation(
          time: now, process: .client(0), kind: .ok, function: "poll", value: #"[["poll",\#(records)]]"#.json)
      )
    }
    #expect(next() == "crash ")
    #expect(next() == #"assign ["9","10"]"#)
    #expect(next() == #"poll [["poll"]]"#)
    poll(#"{"9":[[0,1],[3,1]]}"#)
    #expect(next() == #"poll [["poll"]]"#)
    poll(#"{"10":[[2,0],[4,0]]}"#)
    #expect(next() == #"poll [["poll"]]"#)
    poll(#"{"10":[[5,1]]}"#)
    #expect(next() == nil)
  }

  @Test func pollsGoOnForTenSecondsAtMost() throws {
    var final = try #require(finalOperations([("send", #"[["send","1",[5,1]]]"#)]))
    var random = SeededGenerator(seed: 7)
    var now = Instant.zero
    var polls = 0
    while let next = final.next(at: now, &random) {
      now = max(now, next.due)
      polls += next.invocation.function == "poll" ? 1 : 0
    }
    #expect((35...70).contains(polls))
    #expect(now < .zero + .seconds(10))
  }

  @Test func whereNothingHappenedThereIsNothingToPoll() throws {
    var final = try #require(finalOperations([]))
    var random = SeededGenerator(seed: 7)
    #expect(final.next(at: .zero, &random) == nil)
  }
}
