import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyReport
import EddyRun
import EddyTiming

/// A small run whose nodes print what an input prescribes.
///
/// The first line is the workload's name and the faults of the nemesis, separated by blanks. The other lines
/// are executed in order:
///
/// - `+250`: 250 milliseconds pass.
/// - `=poll {"type":"poll_ok","msgs":{}}`: from now on this body answers requests of type `poll`. `$key` in
///   it is replaced by the request's field `key`. `=poll` alone: they are no longer answered.
/// - `<{"type":"poll_ok","msgs":{}}`: this body answers the oldest waiting request.
/// - `n1 {"src":"n1",…}`: the node prints the line.
/// - Anything else: node 0 prints the line.
///
/// The run must not trap, must end, must be checked, and must produce readable files.
struct RunScript {
  /// The maximum number of lines executed, so that inputs stay cheap and the fuzzer tries many.
  private static let lineLimit = 100
  private static let nodes = 3

  private let options: TestOptions
  private let workload: any Workload
  private let run: TestRun
  private var now = Instant.zero
  private var replies: [String: Substring] = [
    "init": #"{"type":"init_ok"}"#, "topology": #"{"type":"topology_ok"}"#,
    "echo": #"{"type":"echo_ok","echo":$echo}"#, "generate": #"{"type":"generate_ok","id":$msg_id}"#,
    "broadcast": #"{"type":"broadcast_ok"}"#, "add": #"{"type":"add_ok"}"#,
    "send": #"{"type":"send_ok","offset":$msg}"#, "poll": #"{"type":"poll_ok","msgs":{"0":[[1,1]]}}"#,
    "commit_offsets": #"{"type":"commit_offsets_ok"}"#,
    "list_committed_offsets": #"{"type":"list_committed_offsets_ok","offsets":{}}"#,
    "txn": #"{"type":"txn_ok","txn":$txn}"#,
  ]
  private var requests: [(node: Int, message: Message)] = []

  /// Runs an input if its first line begins with the name of a workload.
  static func run(head: String, lines: [UInt8]) {
    let words = head.split(separator: " ").map(String.init)
    guard let name = words.first else { return }
    var options = TestOptions(
      workload: name, nodes: TestOptions.nodeNames(nodes), timeLimit: .seconds(2), rate: 6,
      latency: Latency(mean: 10), faults: Fault.allCases.filter { words.dropFirst().contains($0.rawValue) },
      partitions: Partition.Kind.allCases, nemesisInterval: .seconds(1), seed: 1)
    options.consistencyModels = ConsistencyModel.allCases
    options.livenessBound = .seconds(1)
    guard let workload = WorkloadRegistry.workload(options) else { return }
    var script = RunScript(options, workload)
    for line in lines.split(separator: UInt8(ascii: "\n")).prefix(lineLimit) { script.act(line) }
    script.finish()
  }

  private init(_ options: TestOptions, _ workload: any Workload) {
    self.options = options
    self.workload = workload
    run = TestRun(options, workload: workload)
    if ["g-set"].contains(options.workload) { replies["read"] = #"{"type":"read_ok","value":[0,1]}"# }
    if options.workload == "broadcast" { replies["read"] = #"{"type":"read_ok","messages":[0,1]}"# }
    if options.workload == "lin-kv" {
      replies["read"] = #"{"type":"read_ok","value":0}"#
      replies["write"] = #"{"type":"write_ok"}"#
      replies["cas"] = #"{"type":"cas_ok"}"#
    }
    if options.workload.hasSuffix("counter") { replies["read"] = #"{"type":"read_ok","value":3}"# }
    run.begin(at: now)
    carryOut()
  }

  private mutating func act(_ line: ArraySlice<UInt8>) {
    let text = Substring(decoding: line, as: UTF8.self)
    let rest = text.dropFirst()
    switch text.first {
    case "+": pass(.milliseconds(min(max(0, Int(rest) ?? 100), 5_000)))
    case "=":
      let type = rest.prefix { $0 != " " }
      let body = rest.dropFirst(type.count + 1)
      replies[String(type)] = body.isEmpty ? nil : body
    case "<":
      guard !requests.isEmpty else { return }
      let request = requests.removeFirst()
      answer(request.message, with: rest, from: request.node)
    case "n" where rest.first?.isNumber == true && rest.dropFirst().first == " ":
      print(Array(line.dropFirst(3)), from: (rest.first?.wholeNumberValue ?? 0) % Self.nodes)
    default: print(Array(line), from: 0)
    }
    carryOut()
  }

  private mutating func pass(_ time: Duration) {
    let end = now + time
    while !run.isFinished, let deadline = run.nextDeadline, deadline <= end { step(to: deadline) }
    now = max(now, end)
  }

  private mutating func step(to deadline: Instant) {
    now = max(now, deadline)
    run.advance(to: now)
    carryOut()
  }

  private mutating func carryOut() {
    // Nodes that answer without delay may keep the run at one instant; the run must detect that.
    while case let actions = run.takeActions(), !actions.isEmpty {
      for case .deliver(let line, let node) in actions { take(line, node) }
    }
  }

  private mutating func take(_ line: [UInt8], _ node: Int) {
    guard let message = try? Message(parsing: line) else {
      preconditionFailure("delivered, but not a message")
    }
    if let reply = replies[message.type] {
      answer(message, with: reply, from: node)
    } else {
      requests.append((node, message))
    }
  }

  /// Prints a reply to a request, with the template's fields replaced.
  private func answer(_ request: Message, with template: Substring, from node: Int) {
    guard template.first == "{" else { return print(Array(template.utf8), from: node) }
    let parts = template.dropFirst().split(separator: "$", omittingEmptySubsequences: false)
    var body = String(parts[0])
    for part in parts.dropFirst() {
      let name = part.prefix { $0.isLetter || $0 == "_" }
      body += ((try? request.raw(String(name)))?.description ?? "null") + part.dropFirst(name.count)
    }
    let reply = #"{"in_reply_to":\#(request.id ?? 0),\#(body)"#
    print(
      Array(#"{"src":"\#(options.nodes[node])","dest":"\#(request.source)","body":\#(reply)}"#.utf8),
      from: node)
  }

  private func print(_ line: [UInt8], from node: Int) {
    line.withUnsafeBytes { run.receive($0, from: node, at: now) }
  }

  /// Runs to the end, and checks the run.
  private mutating func finish() {
    var budget = 100_000
    while !run.isFinished {
      guard let deadline = run.nextDeadline else { preconditionFailure("the run has no deadline") }
      step(to: deadline)
      budget -= 1
      precondition(budget > 0, "the run does not end")
    }
    let results = judge(run.history, run.network.statistics, workload.checker)
    checkRoundTrip(run.history)
    let recording = Recording(
      run, messages: Array(run.network.journal.records(since: run.origin)),
      logs: options.nodes.map { _ in [] })
    checkRecords(recording)
    _ = Report(recording, results: results, options: options.json, command: "eddy").files
  }

  /// Checks that written messages read as the same messages.
  private func checkRecords(_ recording: Recording) {
    for record in recording.messages {
      var writer = JSONWriter()
      record.encode(into: &writer)
      precondition((try? MessageRecord(parsing: writer.bytes)) == record, "it reads differently")
    }
  }
}
