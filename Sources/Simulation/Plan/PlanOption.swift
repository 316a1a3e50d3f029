public import EddyNode
public import EddyRun

/// An option of a run: its flag on the command line, its key in `options.json`, and how it reads its value
/// into a plan and writes it from one.
///
/// ``all`` is the table of all options. The command line's parser, the files and the command that repeats a
/// run are derived from it, so that an option has to be added in one place only.
///
/// It has many stored properties because it is a row of that table: one constant per column.
public struct PlanOption: Sendable {
  /// The flag without its dashes, such as `latency-dist`. Also the key in `options.json`.
  public let name: String
  /// The flag's letter; nil if it has none.
  public let short: Character?
  /// A sentence for the help.
  public let help: String
  /// A word for the value in the usage line, such as `seconds`.
  public let valueName: String
  /// The allowed words; empty if other values are allowed.
  public let choices: [String]
  /// The text of the default value; nil if it has none.
  public let standard: String?
  /// The workloads that the option affects; nil for all.
  public let workloads: [String]?
  /// Whether the flag stands alone on a command line, without its value, which is always the same.
  public let isSwitch: Bool
  /// The option that this one abbreviates. An abbreviation is not written into files.
  let abbreviated: String?
  /// Whether the option is written into files even if it has its default value.
  let isAlwaysWritten: Bool
  /// Whether commands contain the option even if it has its default value, because `eddy test` and `eddy
  /// simulate` have different defaults or because it names what is run.
  let isAlwaysTyped: Bool
  private let notation: OptionNotation
  private let reader: @Sendable (String, inout SimulationPlan) throws(OptionError) -> Void
  private let writer: @Sendable (SimulationPlan) -> String?

  /// Creates an option whose value is a property of the plan.
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

  /// Creates an option with its own reader and writer.
  init<Value>(
    _ name: String, short: Character? = nil, _ format: OptionFormat<Value>, standard: String?,
    workloads: [String]? = nil, abbreviated: String? = nil, isAlwaysWritten: Bool = true,
    isAlwaysTyped: Bool = false, isSwitch: Bool = false, help: String,
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
    self.isSwitch = isSwitch
    (valueName, choices, notation) = (format.valueName, format.choices, format.notation)
    (self.reader, self.writer) = (reader, writer)
  }

  /// Sets the option of a plan to the value of `text`. Throws the reason if the text is refused.
  public func read(_ text: String, into plan: inout SimulationPlan) throws(OptionError) {
    try reader(text, &plan)
  }

  /// Checks a text. Throws the reason if it is refused.
  public func check(_ text: String) throws(OptionError) {
    var plan = SimulationPlan.standard
    try reader(text, &plan)
  }

  /// Whether the option affects the plan's workload.
  public func matters(to plan: SimulationPlan) -> Bool { workloads?.contains(plan.options.workload) ?? true }

  /// The text of a plan's value; nil if the value is that of an absent option.
  public func text(_ plan: SimulationPlan) -> String? { writer(plan) }

  /// The plan's value in a file; nil if the file does not contain it.
  package func json(_ plan: SimulationPlan) -> JSONValue? {
    guard abbreviated == nil, let text = text(plan), isAlwaysWritten || text != standard else { return nil }
    return notation.json(text)
  }
}

extension SimulationPlan {
  /// The plan of a run without any option: the defaults of ``TestOptions`` and, as in Jepsen, five nodes.
  static let standard = SimulationPlan(
    TestOptions(workload: WorkloadRegistry.standard, nodes: (1...5).map { "n\($0)" }))

  /// Creates a plan from the texts of options; all others have their defaults.
  ///
  /// - Parameter texts: The texts by the options' names.
  public init(_ texts: [String: String]) throws(OptionError) {
    self = .standard
    // The default concurrency follows the number of nodes.
    try apply(texts.merging([PlanOption.concurrency.name: "1n"]) { given, _ in given })
  }

  /// Sets options from texts by the options' names. Ignores other names.
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

  /// The arguments of `eddy simulate` that repeat the run.
  public var arguments: [String] {
    let written = PlanOption.all.filter { $0.text(self) != nil }
    let abbreviated = Set(written.compactMap(\.abbreviated))
    var words: [String] = []
    for option in written where !abbreviated.contains(option.name) {
      guard let text = option.text(self),
        text != option.standard || (option.isAlwaysTyped && option.matters(to: self))
      else { continue }
      words.append(option.short.map { "-\($0)" } ?? "--\(option.name)")
      if !option.isSwitch { words.append(text) }
    }
    words += programFlags
    return nodeArguments.isEmpty ? words : words + ["--"] + nodeArguments
  }

  /// The command that repeats the run, quoted for a shell.
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
    if !programFlags.isEmpty { object["program"] = .array(programFlags.map { .string($0) }) }
    if !nodeArguments.isEmpty { object["arguments"] = .array(nodeArguments.map { .string($0) }) }
    return object
  }

  /// Reads `options.json`. Options that are missing have their defaults; unknown members are ignored.
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

  /// Reads the options of `options.json`; see ``SimulationPlan/init(json:)``.
  public init(json: JSONObject) throws(OptionError) { self = try SimulationPlan(json: json).options }
}
