import EddyHistory
import EddyNetwork
import EddyNode
import EddyRun
import EddyTiming

/// Shrinks a failing run to a minimal one: fewer nodes, operations and faults, as long as it fails in
/// the same way.
///
/// Delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input",
/// 2002) over the plan, not the history: every candidate is run again from its seed, so what is
/// left is a plan that can be replayed.
public struct Shrinker {
  private let fails: (SimulationPlan) -> Bool
  private var attempts: Int

  /// - Parameters:
  ///   - attempts: How many runs may be made.
  ///   - fails: Runs a plan, and tells whether it fails in the way that matters.
  public init(attempts: Int = 2_000, fails: @escaping (SimulationPlan) -> Bool) {
    self.attempts = attempts
    self.fails = fails
  }

  /// The smallest failing plan found, from one that fails.
  public mutating func shrink(_ plan: SimulationPlan) -> SimulationPlan {
    var plan = plan
    // Its operations cannot be left out one by one.
    if plan.options.livenessBound != nil { _ = attempt(&plan) { $0.options.livenessBound = nil } }
    var isLighter: Bool
    repeat {
      shrinkSize(&plan)
      isLighter = shrinkLoad(&plan)
    } while isLighter && attempts > 0
    return plan
  }

  /// All but the load, again and again: what one step leaves out makes something else superfluous.
  private mutating func shrinkSize(_ plan: inout SimulationPlan) {
    var before: [Int]
    repeat {
      before = Self.size(plan)
      shrinkFaults(&plan)
      shrinkNodes(&plan)
      shrinkOperations(&plan)
      shrinkConditions(&plan)
    } while Self.size(plan) != before && attempts > 0
  }

  /// What another round may make smaller still.
  private static func size(_ plan: SimulationPlan) -> [Int] {
    [
      plan.options.nodes.count, plan.options.concurrency, plan.options.operationLimit,
      -plan.options.skippedOperations.count, plan.options.faults.count, plan.options.faultLimit,
    ]
  }

  /// Takes a candidate if it fails.
  private mutating func attempt(_ plan: inout SimulationPlan, _ change: (inout SimulationPlan) -> Void)
    -> Bool
  {
    var candidate = plan
    change(&candidate)
    guard attempts > 0, candidate != plan else { return false }
    attempts -= 1
    guard fails(candidate) else { return false }
    plan = candidate
    return true
  }

  /// The least value in `lower...upper` for which the plan fails, if it fails for the least tried.
  private mutating func minimize(
    _ plan: inout SimulationPlan, from lower: Int, to upper: Int, _ set: (inout SimulationPlan, Int) -> Void
  ) {
    var (low, high) = (lower, upper)
    while low < high {
      let middle = low + (high - low) / 2
      if attempt(&plan, { set(&$0, middle) }) { high = middle } else { low = middle + 1 }
    }
  }
}

// MARK: - Faults and nodes

extension Shrinker {
  private mutating func shrinkFaults(_ plan: inout SimulationPlan) {
    for fault in plan.options.faults { _ = attempt(&plan) { $0.options.faults.removeAll { $0 == fault } } }
    if !plan.options.faults.isEmpty {
      minimize(&plan, from: 0, to: min(plan.options.faultLimit, 64)) { $0.options.faultLimit = $1 }
    }
    guard plan.options.faults.contains(.partition) else {
      // Without the fault its kinds make no difference.
      plan.options.partitions = Partition.Kind.maelstrom
      return
    }
    for kind in plan.options.partitions where plan.options.partitions.count > 1 {
      _ = attempt(&plan) { $0.options.partitions.removeAll { $0 == kind } }
    }
  }

  /// The fewest nodes first. A run with fewer nodes draws other numbers from its seed, so what fails
  /// only at a wrong moment may fail from one of the next seeds.
  private mutating func shrinkNodes(_ plan: inout SimulationPlan) {
    let perNode = max(1, plan.options.concurrency / plan.options.nodes.count)
    search: for count in 1..<max(1, plan.options.nodes.count) {
      for step in 0..<Self.seedsTried {
        let isFound = attempt(&plan) {
          $0.options.seed &+= step
          $0.options.nodes = Array($0.options.nodes.prefix(count))
          $0.options.concurrency = perNode * count
          $0.conditions.slowNodes = min($0.conditions.slowNodes, count)
        }
        if isFound { break search }
      }
    }
    minimize(&plan, from: 1, to: plan.options.concurrency) { $0.options.concurrency = $1 }
  }

  private static let seedsTried: UInt64 = 4
}

// MARK: - Operations

extension Shrinker {
  /// First whatever can be left out in a few large blocks, then those at the end, then each by itself.
  ///
  /// Where clients wait for nodes that are down, a run with fewer operations comes to a number earlier
  /// than one with all of them: a limit that was found with all of them would leave no room.
  private mutating func shrinkOperations(_ plan: inout SimulationPlan) {
    let most = Int(min(1e6, plan.options.timeLimit.milliseconds / 1000 * plan.options.rate * 3)) + 1
    skipOperations(&plan, below: min(plan.options.operationLimit, most), blocks: 64)
    minimize(&plan, from: 0, to: min(plan.options.operationLimit, most)) { $0.options.operationLimit = $1 }
    guard plan.options.operationLimit < .max else { return }
    plan.options.skippedOperations = plan.options.skippedOperations.filter {
      $0 < plan.options.operationLimit
    }
    skipOperations(&plan, below: plan.options.operationLimit, blocks: .max)
    drawFewer(&plan)
  }

  /// Far fewer operations from one of the next seeds. What is left after each was tried by itself may all
  /// be there for the moment alone: without any one of them messages draw other delays.
  private mutating func drawFewer(_ plan: inout SimulationPlan) {
    let left = plan.options.operationLimit - plan.options.skippedOperations.count
    var count = 2
    while count < left {
      for step in 1...(4 * Self.seedsTried) {
        let isFound = attempt(&plan) {
          $0.options.seed &+= step
          $0.options.operationLimit = count
          $0.options.skippedOperations = []
        }
        if isFound { return }
      }
      count += max(1, count / 2)
    }
  }

  /// Leaves out ever smaller blocks, as long as what is left makes no more of them than `blocks`.
  private mutating func skipOperations(_ plan: inout SimulationPlan, below limit: Int, blocks: Int) {
    var block = max(1, limit / 2)
    while (limit - plan.options.skippedOperations.count) / block <= blocks {
      for start in stride(from: 0, to: limit, by: block) {
        let skipped = Set(start..<min(start + block, limit))
        if skipped.isSubset(of: plan.options.skippedOperations) { continue }
        _ = attempt(&plan) { $0.options.skippedOperations.formUnion(skipped) }
      }
      if block == 1 { break }
      block /= 2
    }
  }

  /// How long and how fast operations come, and what they are made of. Last: a run of few operations is a
  /// quick one to try. Shorter transactions on fewer keys meet more often, so that fewer of them may do.
  ///
  /// Returns whether anything changed.
  private mutating func shrinkLoad(_ plan: inout SimulationPlan) -> Bool {
    let before = plan
    let tenths = Int((plan.options.timeLimit.milliseconds / 100).rounded(.up))
    minimize(&plan, from: 1, to: tenths) { $0.options.timeLimit = .milliseconds(100 * $1) }
    for rate in [1.0, 2, 5, 10, 20, 50, 100] where rate < plan.options.rate {
      if attempt(&plan, { $0.options.rate = rate }) { break }
    }
    if PlanOption.keyCount.matters(to: plan) {
      for count in 1...3 where count < plan.options.keyCount ?? .max {
        if attempt(&plan, { $0.options.keyCount = count }) { break }
      }
    }
    if PlanOption.maxTxnLength.matters(to: plan) {
      minimize(&plan, from: 1, to: plan.options.maxTxnLength) { $0.options.maxTxnLength = $1 }
    }
    if PlanOption.maxWritesPerKey.matters(to: plan) {
      minimize(&plan, from: 1, to: plan.options.maxWritesPerKey) { $0.options.maxWritesPerKey = $1 }
    }
    return plan != before
  }

  private mutating func shrinkConditions(_ plan: inout SimulationPlan) {
    if plan.conditions != Conditions() { _ = attempt(&plan) { $0.conditions = Conditions() } }
    if plan.options.latency.distribution != .constant {
      _ = attempt(&plan) { $0.options.latency.distribution = .constant }
    }
    if plan.options.receivers != .independent {
      _ = attempt(&plan) { $0.options.receivers = .independent }
    }
    if PlanOption.topology.matters(to: plan) {
      _ = attempt(&plan) { $0.options.topology = .grid }
    } else {
      plan.options.topology = .grid
    }
  }
}
