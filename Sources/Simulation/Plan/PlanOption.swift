public import EddyNode
public import EddyRun

/// One option of a run: its flag on the command line, its key in `options.json`, and how its value goes
/// into a plan and comes out of one.
///
/// ``all`` is the one table of them. The command line's parser, the files and the command that repeats a
/// run are made from it, so that an option which one of them knows is known to all.
public struct PlanOption: Sendable {
  /// The flag without its dashes, such as `latency-dist`; also the key in `options.json`.
  public let name: String
  /// The flag's letter, if it has one.
  public let short: Character?
  /// What it is for, in a sentence.
  public let help: String
  /// What its value is, in a word for the usage line, such as `seconds`.
  public let valueName: String
  /// The words to choose from; empty if there are others.
  public let choices: [String]
  /// What is typed for the value that a run has without the flag; nil if nothing is.
  public let standard: String?
  /// The workloads that it makes a difference to; nil for all.
  public let workloads: [String]?
  /// The option that this one is a shorter way to write; it is in no file.
  let abbreviated: String?
  /// Whether it is written into files even where it is as it would be without.
  let isAlwaysWritten: Bool
  /// Whether commands have it even where it is as it would be without: `eddy test` and `eddy simulate`
  /// have different defaults, or the option says what is run.
  let isAlwaysTyped: Bool
  private let notation: OptionNotation
  private let reader: @Sendable (String, inout SimulationPlan) throws(OptionError) -> Void
  private let writer: @Sendable (SimulationPlan) -> String?

  /// An option whose value is a property of the plan.
  init<Value>(
    _ name: String, short: Character? = nil, _ path: any WritableKeyPath<SimulationPlan, Value> & Sendable,
    _ format: OptionFormat<Value>, workloads: [String]? = nil, onlySimulated: Bool = false,
    isAlwaysTyped: Bool = false, help: String
  ) {
    let writer: @Sendable (SimulationPlan) -> String? = { plan in format.print(plan[keyPath: path]) }
    self.init(
      name, short: short, format, standard: writer(.standard), workloads: workloads,
      isAlwaysWritten: !onlySimulated, isAlwaysTyped: isAlwaysTyped, help: help,
      reader: { (text, plan) throws(OptionError) in plan[keyPath: path] = try format.parse(text) },
      writer: writer)
  }

  /// An option that is read and written as told.
  init<Value>(
    _ name: String, short: Character? = nil, _ format: OptionFormat<Value>, standard: String?,
    workloads: [String]? = nil, abbreviated: String? = nil, isAlwaysWritten: Bool = true,
    isAlwaysTyped: Bool = false, help: String,
    reader: @escaping @Sendable (String, inout SimulationPlan) throws(OptionError) -> Void,
    writer: @escaping @Sendable (SimulationPlan) -> String?
  ) {
    self.name = name
    self.short = short
    self.help = help
    self.standard = standard
    self.workloads = workloads
    self.abbreviated = abbreviated
    self.isAlwaysWritten = isAlwaysWritten
    self.isAlwaysTyped = isAlwaysTyped
    (valueName, choices, notation) = (format.valueName, format.choices, format.notation)
    (self.reader, self.writer) = (reader, writer)
  }

  /// Sets the option of a plan to what was typed.
  public func read(_ text: String, into plan: inout SimulationPlan) throws(OptionError) {
    try reader(text, &plan)
  }

  /// Throws why the text is refused, if it is.
  public func check(_ text: String) throws(OptionError) {
    var plan = SimulationPlan.standard
    try reader(text, &plan)
  }

  /// Whether it makes a difference to the plan's workload.
  public func matters(to plan: SimulationPlan) -> Bool { workloads?.contains(plan.options.workload) ?? true }

  /// What is typed for a plan's value; nil if nothing is.
  public func text(_ plan: SimulationPlan) -> String? { writer(plan) }

  /// The plan's value in a file; nil if it is not in it.
  package func json(_ plan: SimulationPlan) -> JSONValue? {
    guard abbreviated == nil, let text = text(plan), isAlwaysWritten || text != standard else { return nil }
    return notation.json(text)
  }
}

extension SimulationPlan {
  /// The plan of a run for which nobody gave any option: the defaults of ``TestOptions``, and Jepsen's
  /// five nodes.
  static let standard = SimulationPlan(
    TestOptions(workload: WorkloadRegistry.standard, nodes: (1...5).map { "n\($0)" }))

  /// The plan that options make of the standard one.
  ///
  /// - Parameter texts: What was given, by the options' names.
  public init(_ texts: [String: String]) throws(OptionError) {
    self = .standard
    // So many clients for each node follow the number of nodes.
    try apply(texts.merging([PlanOption.concurrency.name: "1n"]) { given, _ in given })
  }

  /// Sets options to what was given, by their names. Names of no option are passed over.
  public mutating func apply(_ texts: [String: String]) throws(OptionError) {
    for option in PlanOption.all {
      guard let text = texts[option.name] else { continue }
      do throws(OptionError) {
        try option.read(text, into: &self)
      } catch {
        throw OptionError("--\(option.name) \(error)")
      }
    }
  }

  /// The arguments of `eddy simulate` that repeat the run, one a word.
  public var arguments: [String] {
    let written = PlanOption.all.filter { $0.text(self) != nil }
    let abbreviated = Set(written.compactMap(\.abbreviated))
    var words: [String] = []
    for option in written where !abbreviated.contains(option.name) {
      guard let text = option.text(self),
        text != option.standard || (option.isAlwaysTyped && option.matters(to: self))
      else { continue }
      words += [option.short.map { "-\($0)" } ?? "--\(option.name)", text]
    }
    return nodeArguments.isEmpty ? words : words + ["--"] + nodeArguments
  }

  /// The command that repeats the run, as a shell takes it.
  public var command: String {
    (["eddy", "simulate"] + arguments).map(\.shellQuoted).joined(separator: " ")
  }
}

// MARK: - Files

extension SimulationPlan {
  /// The options under the names of their flags, as in `options.json`.
  public var json: JSONObject {
    var object = JSONObject()
    for option in PlanOption.all { object[option.name] = option.json(self) }
    if !nodeArguments.isEmpty { object["arguments"] = .array(nodeArguments.map { .string($0) }) }
    return object
  }

  /// Reads what `options.json` says; what it does not say is as without the flag, and what is no option
  /// is passed over.
  public init(json: JSONObject) throws(OptionError) {
    var texts: [String: String] = [:]
    for option in PlanOption.all {
      guard let value = json[option.name] else { continue }
      do throws(OptionError) {
        texts[option.name] = try OptionNotation.text(value)
      } catch {
        throw OptionError("\(option.name) \(error)")
      }
    }
    try self.init(texts)
    if case .array(let arguments)? = json["arguments"] {
      nodeArguments = arguments.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }
  }
}

extension TestOptions {
  /// The options under the names of their flags, as in `options.json`.
  public var json: JSONObject { SimulationPlan(self).json }

  /// Reads the options in an `options.json`, as ``SimulationPlan/init(json:)``.
  public init(json: JSONObject) throws(OptionError) { self = try SimulationPlan(json: json).options }
}
