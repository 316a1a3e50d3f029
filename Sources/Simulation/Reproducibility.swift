public import EddyNode

/// Whether another run of the same programs from the same seed gives the same messages, as far as this run can tell.
///
/// Eddy's own nodes are objects of the simulator, whose runs always do.
public struct Reproducibility: Equatable, Sendable {
  /// What depended on more than the seed, with the number of times.
  public private(set) var reasons: [(text: String, count: Int)] = []
  /// What was refused to the programs; it makes no difference between two runs.
  public private(set) var remarks: [String] = []

  public init() {}

  public var isCertain: Bool { reasons.isEmpty }

  package mutating func add(reason text: String) {
    if let index = reasons.firstIndex(where: { $0.text == text }) {
      reasons[index].count += 1
    } else {
      reasons.append((text, 1))
    }
  }

  package mutating func add(remark text: String) { if !remarks.contains(text) { remarks.append(text) } }

  public static func == (a: Self, b: Self) -> Bool {
    a.reasons.elementsEqual(b.reasons, by: ==) && a.remarks == b.remarks
  }
}

extension Reproducibility: CustomStringConvertible {
  /// `yes`, or `no: ` and the reasons.
  public var description: String {
    guard !reasons.isEmpty else { return "yes" }
    return "no: "
      + reasons.map { $0.count == 1 ? $0.text : "\($0.text) (\($0.count) times)" }.joined(separator: "; ")
  }
}

extension Reproducibility {
  /// The member `reproducible` of `results.json`.
  public var json: JSONValue {
    var object: JSONObject = ["certain": .bool(isCertain)]
    object["reasons"] = .array(
      reasons.map { .object(["reason": .string($0.text), "count": .integer($0.count)]) })
    object["remarks"] = .array(remarks.map { .string($0) })
    return .object(object)
  }
}
