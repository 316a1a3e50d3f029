public import EddyHistory
import EddyNode

/// Demands that the operations on each register are linearizable: that each took effect at one moment between
/// its invocation and its completion.
///
/// Registers are read, written, and changed by compare-and-set; a missing key counts as `null`. An operation
/// that failed did not happen. One of unknown outcome took effect at any time after its invocation, or never.
/// Verdicts are those of Knossos' `cas-register` per key, but for reads of `null`, which pass there whatever
/// the register's value is, and reads that failed because there was no such key, which claim nothing there.
///
/// A register with too many possible orders is undecided, and the verdict `unknown` if no other is invalid.
public struct LinearizabilityChecker: Checker {
  /// The number of configurations of one register after which the search gives up.
  public var configurationLimit: Int

  /// A checker that gives up on a register after so many configurations; by default about a gigabyte of them.
  public init(configurationLimit: Int? = nil) {
    self.configurationLimit = configurationLimit ?? RegisterVerdict.configurationLimit
  }

  public func check(_ history: History) -> CheckResult {
    let histories = RegisterHistories(history)
    var failures: [(register: RegisterHistories.Register, failure: UnplaceableOperation)] = []
    var undecided: [RegisterHistories.Register] = []
    for register in histories.registers {
      switch RegisterVerdict(register.trace, limit: configurationLimit) {
      case .linearizable: break
      case .impossible(let failure): failures.append((register, failure))
      case .undecided: undecided.append(register)
      }
    }
    let explainer = LinearizabilityExplainer(history, histories)
    let anomalies =
      explainer.explain(malformed: histories.malformed)
      + Anomaly.group(
        "nonlinearizable", failures,
        "\(failures.count.grouped) of \(histories.registers.count.counted("key")) are not linearizable."
      ) { explainer.explain($0.failure, $0.register) }
    let names = { (registers: [RegisterHistories.Register]) in
      JSONValue.array(registers.map { histories.arguments.values.value($0.key).decoded() })
    }
    var details: JSONObject = [
      "key-count": JSONValue(histories.registers.count), "failures": names(failures.map(\.register)),
    ]
    if !undecided.isEmpty { details["undecided"] = names(undecided) }
    return CheckResult(
      !anomalies.isEmpty ? .invalid : !undecided.isEmpty || histories.registers.isEmpty ? .unknown : .valid,
      details: details, anomalies: anomalies,
      reason: explainer.reason(undecided: undecided, configurationLimit))
  }
}
