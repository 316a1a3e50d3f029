import EddyCheckers
import EddyHistory
import EddyNode
import EddyRun
import EddySimulation
import EddyTiming
import EddyWorkloads
import Testing

/// Wrong nodes, each wrong in a known way: simulation must find them within a few seeds, and the
/// shrinker must take the failing run down to something a person can read.
@Suite struct PlantedBugTests {
  /// Nodes with what they are run for.
  struct Design: Sendable, CustomTestStringConvertible {
    var workload: String
    /// What is special about it.
    var name: String
    /// An anomaly that it shows; nil if nothing is wrong.
    var symptom: String?
    var faults: [Fault]
    var models: [ConsistencyModel]
    var availability: Availability?
    var make: @Sendable () -> any Handler

    init(
      _ workload: String, _ name: String, finds symptom: String? = nil, faults: [Fault] = [],
      models: [ConsistencyModel] = [.strictSerializable], availability: Availability? = nil,
      make: @escaping @Sendable () -> any Handler
    ) {
      (self.workload, self.name, self.symptom) = (workload, name, symptom)
      (self.faults, self.models, self.availability) = (faults, models, availability)
      self.make = make
    }

    var testDescription: String { "\(workload): \(name)" }

    func plan(seed: UInt64) -> SimulationPlan {
      var plan = SimulationPlan.swarm(workload: workload, faults: faults, seed: seed)
      plan.options.consistencyModels = models
      plan.options.availability = availability
      return plan
    }
  }

  private static let bugs: [Design] = [
    Design("broadcast", "forgets messages", finds: "lost") { WrongSet(.forgetful) },
    Design("broadcast", "fires and forgets", finds: "lost", faults: [.partition, .loss]) {
      WrongSet(.fireAndForget)
    },
    Design("broadcast", "keeps what comes twice", finds: "duplicated") { WrongSet(.repeating) },
    Design("broadcast", "stutters", finds: "duplicated") { StutteringBroadcast() },
    Design("broadcast", "distorts", finds: "unexpected") { WrongSet(.distorting) },
    Design("g-set", "forwards nothing", finds: "lost") { WrongSet(.hoarding, field: "value") },
    Design("g-set", "last set wins", finds: "lost") { WrongSet(.overwriting, field: "value") },
    Design("unique-ids", "clock's seconds", finds: "duplicated") { RepeatingIDs(.seconds) },
    Design("unique-ids", "clock alone", finds: "duplicated") { RepeatingIDs(.clock) },
    Design("unique-ids", "counts anew", finds: "duplicated", faults: [.kill]) {
      RepeatingIDs(.countSinceStart)
    },
    Design("unique-ids", "asks n0", finds: "unavailable", faults: [.partition], availability: .total) {
      CentralIDs()
    },
    Design("echo", "changes", finds: "changed") { FaultyEcho(.changing) },
    Design("echo", "refuses", finds: "refused") { FaultyEcho(.refusing) },
    Design("echo", "is silent", finds: "unavailable", availability: .total) { FaultyEcho(.silent) },
    Design("g-counter", "last total wins", finds: "wrong-sum") { ToyCounter(.lastWriterWins) },
    Design("pn-counter", "reads, then writes", finds: "wrong-sum") { ToyCounter(.readThenWrite) },
    Design("g-counter", "retries blindly", finds: "wrong-sum", faults: [.loss]) { ToyCounter(.blindRetry) },
    Design("g-counter", "deltas come twice", finds: "wrong-sum", faults: [.duplicate]) {
      ToyCounter(.deltas)
    },
    Design("pn-counter", "deltas get lost", finds: "wrong-sum", faults: [.partition]) { ToyCounter(.deltas) },
    Design("g-counter", "forgets when killed", finds: "wrong-sum", faults: [.kill]) { ToyCounter(.volatile) },
    Design("lin-kv", "each node for itself", finds: "nonlinearizable") { ToyRegister(.local) },
    Design("lin-kv", "reads of copies", finds: "nonlinearizable") { ToyRegister(.staleReads) },
    Design("lin-kv", "compares, then sets", finds: "nonlinearizable") { ToyRegister(.twoSteps) },
    Design("lin-kv", "acknowledges and forgets", finds: "nonlinearizable") { ToyRegister(.forgetful) },
    Design("lin-kv", "loses its memory when killed", finds: "nonlinearizable", faults: [.kill]) {
      ToyRegister(.primary)
    },
    Design("lin-kv", "sets what it refuses", finds: "nonlinearizable") { ToyRegister(.falseFailure) },
    Design("txn-rw-register", "key by key", finds: "G1b", models: [.readCommitted]) {
      ToyTransactions(.keyByKey)
    },
    Design("txn-rw-register", "half visible", finds: "G-single-item", models: [.consistentView]) {
      ToyTransactions(.halfVisible)
    },
    Design("txn-rw-register", "refuses too late", finds: "G1a", models: [.readCommitted]) {
      ToyTransactions(.dirty)
    },
    Design("txn-rw-register", "does not read its own writes", finds: "internal", models: [.readAtomic]) {
      ToyTransactions(.readsFirst)
    },
    Design("txn-rw-register", "reads of copies", finds: "G-single-item-realtime") {
      ToyTransactions(.staleCopies)
    },
    Design("txn-rw-register", "garbles", finds: "garbage-read", models: [.readUncommitted]) {
      ToyTransactions(.garbled)
    },
    Design("txn-list-append", "no isolation", finds: "G0", models: [.readUncommitted]) {
      ToyTransactions(.keyByKey)
    },
    Design("txn-list-append", "half visible", finds: "G-single-item", models: [.consistentView]) {
      ToyTransactions(.halfVisible)
    },
    Design("txn-list-append", "refuses too late", finds: "G1a", models: [.readCommitted]) {
      ToyTransactions(.dirty)
    },
    Design("txn-list-append", "does not read its own appends", finds: "internal", models: [.readAtomic]) {
      ToyTransactions(.readsFirst)
    },
    Design("txn-list-append", "reads of copies", finds: "G-single-item-realtime") {
      ToyTransactions(.staleCopies)
    },
    Design("txn-list-append", "garbles", finds: "garbage-read", models: [.readUncommitted]) {
      ToyTransactions(.garbled)
    },
  ]

  /// Like the wrong ones, but right.
  private static let right = [
    Design("pn-counter", "compares and sets", faults: [.partition, .kill, .pause]) {
      ToyCounter(.compareAndSet)
    },
    Design("txn-rw-register", "whole transactions on n0", faults: [.partition, .loss]) {
      ToyTransactions(.whole)
    },
    Design("txn-rw-register", "reads of copies", faults: [.loss], models: [.serializable]) {
      ToyTransactions(.staleCopies)
    },
    Design("txn-list-append", "whole transactions on n0", faults: [.partition, .loss]) {
      ToyTransactions(.whole)
    },
    Design("txn-list-append", "reads of copies", faults: [.loss], models: [.serializable]) {
      ToyTransactions(.staleCopies)
    },
    Design("unique-ids", "asks n0", faults: [.partition, .pause]) { CentralIDs() },
    Design("lin-kv", "asks n0", faults: [.partition, .pause, .loss]) { ToyRegister(.primary) },
    Design("broadcast", "floods") { WrongSet(.fireAndForget) },
  ]

  @Test(arguments: bugs)
  func simulationFindsItAndShrinksIt(design: Design) throws {
    func symptom(_ plan: SimulationPlan) -> Symptom? { plan.run { _ in design.make() }?.symptom }

    let wanted = try #require(design.symptom)
    // The lightest runs first: the lighter the failing run, the less there is to shrink.
    let plans = (1...30 as ClosedRange<UInt64>).map(design.plan).sorted { $0.load < $1.load }
    let failing = plans.first { symptom($0)?.contains(wanted) == true }
    let plan = try #require(failing, "no seed found it")
    let whole = symptom(plan)
    var shrinker = Shrinker { symptom($0) == whole }
    let smallest = shrinker.shrink(plan)
    let outcome = try #require(smallest.run { _ in design.make() })
    #expect(outcome.symptom == whole)
    #expect(smallest.options.nodes.count <= 5)
    #expect(outcome.run.progress.invoked - smallest.options.concurrency <= 10)
    #expect(outcome.results.anomalies.first?.operations.isEmpty == false)
  }

  @Test(arguments: right)
  func aDesignWithoutTheMistakeIsValid(design: Design) throws {
    for seed in 1...6 as ClosedRange<UInt64> {
      let outcome = try #require(design.plan(seed: seed).run { _ in design.make() })
      #expect(outcome.symptom == nil, "seed \(seed): \(outcome.results.consoleText)")
    }
  }
}

extension SimulationPlan {
  /// Grows with what a run costs: about how many operations all nodes together see. More than five nodes count as
  /// more than any number of operations: a run that fails in many ways at once does not lose them.
  fileprivate var load: Double {
    let operations = options.rate * (options.timeLimit / .seconds(1)) * Double(options.nodes.count)
    return options.nodes.count > 5 ? operations + 1e6 : operations
  }
}
