import EddyHistory
import EddyNetwork
import EddyNode
import EddyRun
import EddyTiming

/// Shrinks a failing run to one with fewer nodes, operations and faults that fails in the same way.
///
/// It applies delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input",
/// 2002) to the plan, not to the history. Every candidate is run from its seed, so the result is a plan that
/// can be repeated.
public struct Shrinker {
  private let fails: (SimulationPlan) -> Bool
  private var attempts: Int

  /// - Parameters:
  ///   - attempts: The largest number of runs.
  ///   - fails: Runs a plan and returns whether it fails in the same way.
  public init(attempts: Int = 2_000, fails: @escaping (SimulationPlan) -> Bool) {
    self.attempts = attempts
    self.fails = fails
  }

  /// Returns the smallest failing plan found. `plan` must fail.
  public mutating func shrink(_ plan: SimulationPlan) -> SimulationPlan {
    var plan = plan
    // The operations of the liveness phase cannot be skipped one by one.
    if plan.options.livenessBound != nil { _ = attempt(&plan) { $0.options.livenessBound = nil } }
    if plan.options.finalReads { _ = attempt(&plan) { $0.options.finalReads = false } }
    var isLighter: Bool
    repeat {
      shrinkSize(&plan)
      isLighter = shrinkLoad(&plan)
    } while isLighter && attempts > 0
    return plan
  }

  /// Shrinks everything but the load until nothing changes: each step may make another part superfluous.
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

  /// The measures that another round may reduce.
  private static func size(_ plan: SimulationPlan) -> [Int] {
    [
      plan.options.nodes.count, plan.options.concurrency, plan.options.operationLimit,
      -plan.options.skippedOperations.count, plan.options.faults.count, plan.options.faultLimit,
    ]
  }

  /// Runs a changed plan and keeps the change if it fails. Returns whether it does.
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

  /// Finds the smallest value in `lower...upper` with which the plan fails, by binary search.
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
      // Without partitions their kinds have no effect.
      plan.options.partitions = Partition.Kind.maelstrom
      return
    }
    for kind in plan.options.partitions where plan.options.partitions.count > 1 {
      _ = attempt(&plan) { $0.options.partitions.removeAll { $0 == kind } }
    }
  }

  /// Tries the smallest number of nodes first. A run with fewer nodes draws other numbers from its seed, so a
  /// failure that needs a certain timing may need one of the next seeds.
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
  /// Skips operations in large blocks, then limits their number, then skips single ones.
  ///
  /// If clients wait for nodes that are down, a run with fewer operations reaches a given operation earlier
  /// than the whole run. A limit found with all operations would therefore be too tight; so large blocks come
  /// first.
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

  /// Tries far fewer operations with one of the next seeds. The operations that remain may all be needed for
  /// the timing alone: without any of them, messages draw other latencies.
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

  /// Skips blocks of decreasing size, while the remaining operations make at most `blocks` of them.
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

  /// Shrinks the time limit, the rate, and the keys and transactions. This comes last, when runs have few
  /// operations and are quick. Shorter transactions on fewer keys conflict more often, so that fewer of them
  /// may do.
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

  /// Disks that are needed keep only the faults that are.
  private mutating func shrinkDisks(_ plan: inout SimulationPlan) {
    guard let disks = plan.conditions.disks else { return }
    _ = attempt(&plan) {
      $0.conditions = Conditions()
      $0.conditions.disks = disks
    }
    for fault in disks.faults { _ = attempt(&plan) { $0.conditions.disks?.faults.removeAll { $0 == fault } } }
    _ = attempt(&plan) { $0.conditions.disks?.latency = DiskConditions().latency }
  }

  private mutating func shrinkConditions(_ plan: inout SimulationPlan) {
    if plan.conditions != Conditions() { _ = attempt(&plan) { $0.conditions = Conditions() } }
    shrinkDisks(&plan)
    if plan.options.latency.distribution != .constant {
      _ = attempt(&plan) { $0.options.latency.distribution = .constant }
    }
    if plan.options.deliveryOrder != .independent {
      _ = attempt(&plan) { $0.options.deliveryOrder = .independent }
    }
    if PlanOption.topology.matters(to: plan) {
      _ = attempt(&plan) { $0.options.topology = .grid }
    } else {
      plan.options.topology = .grid
    }
  }
}
