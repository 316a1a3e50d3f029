import EddyNode
import EddyTiming

/// One client thread: it runs one process at a time, and a new one when that crashes.
struct Worker {
  /// The operation under way.
  struct Pending {
    let invocation: Invocation
    /// The `msg_id` of the request sent last.
    let requestID: Int
    let timer: TimerID
  }

  /// What the worker is there for.
  enum Assignment {
    /// It takes its turn at the workload's operations.
    case operations
    /// It carries out what follows recovery.
    case finalOperations(any FinalOperations)
    /// It has its node answer once all faults have healed.
    case probe(Probe)
  }

  let thread: Int
  /// The process that it runs now, with the node it talks to, and its side of the conversation.
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
    name = ClientDirectory.name(of: client)
  }

  /// The same thread, running a new process.
  func running(process: Int, node: Int, client: Int, session: any Client) -> Worker {
    var worker = Worker(thread: thread, process: process, node: node, client: client, session: session)
    worker.assignment = assignment
    return worker
  }

  /// True as long as it has something to do that the phase after the next has to wait for.
  var hasWork: Bool {
    switch assignment {
    case .operations: false
    case .finalOperations: true
    case .probe(let probe): !probe.isOver
    }
  }

  /// The probe, if it is there to find out whether its node answers.
  var probe: Probe? { if case .probe(let probe) = assignment { probe } else { nil } }

  // The conversation.

  mutating func invoke(_ invocation: Invocation) -> ClientStep { session.invoke(invocation) }
  mutating func receive(_ reply: Message) -> ClientStep { session.receive(reply) }

  mutating func takeRequestID() -> Int {
    defer { nextRequestID += 1 }
    return nextRequestID
  }
}

/// What one client has its node answer when all faults have healed.
struct Probe {
  /// In this order; a client that loses its session begins again.
  let functions: [String]
  /// How many have been answered.
  private(set) var answered = 0
  /// True once there is no time left for another attempt.
  private(set) var isExpired = false

  init(_ functions: [String]) { self.functions = functions }

  var isOver: Bool { isExpired || answered == functions.count }

  /// What the node has to answer next; nil if there is nothing left or no time.
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
