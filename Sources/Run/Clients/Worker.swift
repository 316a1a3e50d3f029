import EddyNode
import EddyTiming

/// A client thread. It runs one process at a time, and a new one when that crashes.
struct Worker {
  /// An outstanding operation.
  struct Pending {
    let invocation: Invocation
    /// The `msg_id` of the last request.
    let requestID: Int
    let timer: TimerID
  }

  /// The purpose of a worker.
  enum Assignment {
    /// It takes turns at the workload's operations.
    case operations
    /// It carries out its final operations.
    case finalOperations(any FinalOperations)
    /// It probes its node after all faults have ended.
    case probe(Probe)
  }

  let thread: Int
  /// The current process, its node and its client.
  private(set) var process: Int
  private(set) var node: Int
  private(set) var session: any Client
  /// The number of its network client.
  private(set) var client: Int
  /// The name of its network client.
  private(set) var name: String
  private var nextRequestID: Int = 1
  var pending: Pending?
  var assignment = Assignment.operations

  init(thread: Int, process: Int, node: Int, client: Int, session: any Client) {
    self.thread = thread
    self.process = process
    self.node = node
    self.client = client
    self.session = session
    name = ClientTable.name(of: client)
  }

  /// The same thread, running a new process.
  func running(process: Int, node: Int, client: Int, session: any Client) -> Worker {
    var worker = Worker(thread: thread, process: process, node: node, client: client, session: session)
    worker.assignment = assignment
    return worker
  }

  /// Whether it has final operations or a probe left, for which the phase must wait.
  var hasWork: Bool {
    switch assignment {
    case .operations: false
    case .finalOperations: true
    case .probe(let probe): !probe.isOver
    }
  }

  /// The probe, if probing is its purpose.
  var probe: Probe? { if case .probe(let probe) = assignment { probe } else { nil } }

  // MARK: Requests and replies

  mutating func invoke(_ invocation: Invocation) -> ClientStep { session.invoke(invocation) }
  mutating func receive(_ reply: Message) -> ClientStep { session.receive(reply) }

  mutating func takeRequestID() -> Int {
    defer { nextRequestID += 1 }
    return nextRequestID
  }
}

/// The functions that a node must answer to one client after all faults have ended.
struct Probe {
  /// The functions in order. A client whose process crashes starts again with the first.
  let functions: [String]
  /// The number of functions answered.
  private(set) var answered = 0
  /// Whether the liveness bound has passed: no more attempts are made.
  private(set) var isExpired = false

  init(_ functions: [String]) { self.functions = functions }

  var isOver: Bool { isExpired || answered == functions.count }

  /// The next function to ask for; nil if none is left or the bound has passed.
  var next: String? { isOver ? nil : functions[answered] }

  mutating func noteOutcome(_ outcome: Outcome) {
    switch outcome {
    case .ok: answered += 1
    case .fail: break
    case .info: answered = 0
    }
  }

  mutating func expire() { isExpired = true }
}
