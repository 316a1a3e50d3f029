import ArgumentParser
import EddyEventLoop
import EddyProcess
import EddySimulation
import EddyStore

/// The flags of a run, with Maelstrom's names and meanings.
///
/// It has many stored properties because each is a flag of the same name.
struct RunFlags: ParsableArguments {
  @Option(.workload) var workload: PlanArgument?
  @Option(.nodeCount) var nodeCount: PlanArgument?
  @Option(.nodes) var nodes: PlanArgument?

  @Option(
    name: [.customShort("n"), .customLong("node")],
    help: ArgumentHelp("The name of a node; can be given several times.", valueName: "name"))
  var node: [String] = []

  @Option(help: ArgumentHelp("A file with the names of nodes, one per line.", valueName: "file"))
  var nodesFile: String?

  @Option(.concurrency) var concurrency: PlanArgument?
  @Option(.timeLimit) var timeLimit: PlanArgument?
  @Option(.rate) var rate: PlanArgument?
  @Option(.latency) var latency: PlanArgument?
  @Option(.latencyDistribution) var latencyDist: PlanArgument?
  @Option(.deliveryOrder) var receivers: PlanArgument?
  @Option(.topology) var topology: PlanArgument?
  @Option(.nemesis) var nemesis: PlanArgument?
  @Option(.nemesisInterval) var nemesisInterval: PlanArgument?
  @Option(.partitions) var partitions: PlanArgument?
  @Option(.availability, without: "not checked") var availability: PlanArgument?
  @Option(.liveness, without: "not checked") var liveness: PlanArgument?
  @Option(.kafkaStart) var kafkaStart: PlanArgument?
  @Option(.keyCount, without: "the workload's own") var keyCount: PlanArgument?
  @Option(.maxTxnLength) var maxTxnLength: PlanArgument?
  @Option(.maxWritesPerKey) var maxWritesPerKey: PlanArgument?

  @Flag(help: ArgumentHelp(PlanOption.finalReads.help)) var finalReads = false

  @Option(
    .consistencyModels,
    without: "read-atomic for Eddy's own nodes in virtual time, otherwise strict-serializable")
  var consistencyModels: PlanArgument?

  @Option(.seed, without: "0 in a simulation, otherwise random") var seed: PlanArgument?

  @Flag(help: "Write history.edn and results.edn too, which Jepsen's tools read.")
  var edn = false

  func validate() throws { _ = try plan() }

  /// The texts of the given flags by the options' names. The names of nodes from the three flags are joined,
  /// as in Jepsen.
  func texts() throws -> [String: String] {
    var texts = PlanArgument.texts(of: self)
    let names = try namesFromFile() + [texts[PlanOption.nodes.name]].compactMap(\.self) + node
    if !names.isEmpty { texts[PlanOption.nodes.name] = names.joined(separator: ",") }
    return texts
  }

  /// The plan that these flags define.
  func plan() throws -> SimulationPlan {
    let texts = try texts()
    do throws(OptionError) {
      return try SimulationPlan(texts)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  private func namesFromFile() throws -> [String] {
    guard let nodesFile else { return [] }
    do {
      let bytes = try FileSystem.contents(of: nodesFile)
      return String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
    } catch {
      throw ValidationError("--nodes-file: cannot read \(nodesFile): \(error)")
    }
  }
}

/// The text given for an option of ``PlanOption/all``; the option accepts it.
struct PlanArgument: Sendable {
  let name: String
  let text: String

  /// The texts given for the flags that are options, by name.
  ///
  /// It uses reflection, because a list of the flags would duplicate the table.
  static func texts(of flags: Any) -> [String: String] {
    var texts: [String: String] = [:]
    for child in Mirror(reflecting: flags).children {
      if let argument = (child.value as? Option<PlanArgument?>)?.wrappedValue {
        texts[argument.name] = argument.text
      } else if (child.value as? Flag<Bool>)?.wrappedValue == true,
        let option = PlanOption.all.first(where: { $0.isSwitch && $0.propertyName == child.label })
      {
        texts[option.name] = option.choices[0]
      }
    }
    return texts
  }
}

extension PlanOption {
  /// The name of the property that holds the flag, such as `_finalReads`.
  fileprivate var propertyName: String {
    name.split(separator: "-").reduce("_") {
      $0 + ($0 == "_" ? "\($1)" : $1.prefix(1).uppercased() + $1.dropFirst())
    }
  }
}

extension Option<PlanArgument?> {
  /// Creates the flag of an option.
  ///
  /// It takes the next word unconditionally, so that `--rate -3` is refused with a reason.
  ///
  /// - Parameter standard: The default in words, if it is not the option's own.
  init(_ option: PlanOption, without standard: String? = nil) {
    let short = option.short.map { [NameSpecification.Element.customShort($0)] } ?? []
    self.init(
      name: NameSpecification(short + [.customLong(option.name)]), parsing: .unconditional,
      help: ArgumentHelp(option.explanation(standard), valueName: option.valueName),
      completion: option.choices.isEmpty ? nil : .list(option.choices),
      transform: { text in
        try option.check(text)
        return PlanArgument(name: option.name, text: text)
      })
  }
}

extension PlanOption {
  /// The text for the help: the option's sentence, its choices and its default.
  fileprivate func explanation(_ words: String?) -> String {
    var notes: [String] = []
    if !choices.isEmpty { notes.append("values: \(choices.joined(separator: ", "))") }
    if let standard = words ?? standard { notes.append("default: \(standard)") }
    return help + (notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))")
  }
}
