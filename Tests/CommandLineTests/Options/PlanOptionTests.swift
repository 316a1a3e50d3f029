import EddyNode
import EddyRun
import EddySimulation
import EddyTiming
import Testing

/// The one table of options: what it writes it reads.
@Suite struct PlanOptionTests {
  @Test func aFileOfOptionsGivesThePlanBack() throws {
    var generator = PlanGenerator(seed: 1)
    for _ in 0..<500 {
      let plan = generator.plan()
      let text = JSONValue.object(plan.json).description
      guard case .object(let json) = try JSONValue(parsing: text) else {
        Issue.record("\(text) is no object")
        continue
      }
      #expect(try SimulationPlan(json: json) == plan, "\(text)")
      #expect(try TestOptions(json: json) == plan.options)
    }
  }

  @Test func theTextOfEachOptionGivesItsValueBack() throws {
    var generator = PlanGenerator(seed: 2)
    for _ in 0..<500 {
      let plan = generator.plan()
      var texts: [String: String] = [:]
      for option in PlanOption.all { texts[option.name] = option.text(plan) }
      var copy = try SimulationPlan(texts)
      copy.nodeArguments = plan.nodeArguments
      #expect(copy == plan)
    }
  }

  @Test func withoutOptionsAPlanIsAsTestOptionsSays() throws {
    #expect(
      try SimulationPlan([:])
        == SimulationPlan(
          TestOptions(workload: WorkloadRegistry.standard, nodes: ["n1", "n2", "n3", "n4", "n5"])))
  }

  @Test func everyOptionHasANameOfItsOwnAndAHelp() {
    #expect(Set(PlanOption.all.map(\.name)).count == PlanOption.all.count)
    for option in PlanOption.all {
      #expect(option.help.count > 10 && !option.help.contains("\(Int.max)"))
      #expect(option.standard?.contains("\(Int.max)") != true)
    }
  }

  @Test func whatAnOptionTakesAsItsDefaultItReads() throws {
    for option in PlanOption.all { if let text = option.standard { try option.check(text) } }
  }

  @Test func otherKeysOfAFileArePassedOver() throws {
    let options = try TestOptions(json: ["workload": "kafka", "bin": "/bin/cat", "origin": 17])
    #expect(options.workload == "kafka")
  }

  @Test(arguments: [
    ("rate", "-3", "must not be negative"), ("rate", "fast", "must be a number"),
    ("rate", "inf", "must be a number"), ("rate", "1e12", "must be at most 1000000000"),
    ("latency", "1e7", "must be at most 1000000"),
    ("node-count", "0", "must be positive"), ("node-count", "-1", "must be positive"),
    ("node-count", "2.5", "not a fraction"), ("time-limit", "0", "must be positive"),
    ("nemesis", "foo", "must be one of partition, kill, pause, loss, duplicate"),
    ("nemesis", ",", "must name at least one of partition"),
    ("nemesis-interval", "0.0001", "must be at least 1 ms"),
    ("topology", "ring", "must be one of line, grid"), ("availability", "2", "from 0 to 1, or total"),
    ("nodes", "a,b,a", "must not name a twice"), ("nodes", "c0", "must not be a client's name"),
    ("nodes", "lin-kv", "must not be a service's name"), ("nodes", "../a", "must be names of letters"),
    ("concurrency", "0n", "must be positive"), ("concurrency", "n", "followed by n"),
    ("concurrency", "9223372036854775807n", "must be at most"),
    ("seed", "-1", "from 0 to 18446744073709551615"),
    ("without", "5-3", "such as 0-17,20"), ("without", "1,,2", "such as 0-17,20"),
    ("clock-drift", "1000000", "must be at most 999999"), ("link-spread", "-1", "must not be negative"),
    ("disk", "no", "must be yes"), ("disk-latency", "-1", "must not be negative"),
    ("disk-faults", "burn", "must be one of lose, tear, slow, full"),
    ("key-count", "0", "must be positive"), ("workload", "no", "must be one of broadcast, echo"),
  ])
  func aBadValueIsToldWhatIsWrong(name: String, text: String, reason: String) throws {
    let option = try #require(PlanOption.all.first { $0.name == name })
    let error = #expect(throws: OptionError.self) { try option.check(text) }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test func skippedOperationsAreRanges() throws {
    var plan = try SimulationPlan([:])
    plan.options.skippedOperations = Set(0...17).union([20, 22, 23])
    #expect(PlanOption.without.text(plan) == "0-17,20,22-23")
  }
}
