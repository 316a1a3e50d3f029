import EddyNode
import EddyRun
import EddyTiming
import Testing

/// How a run starts its nodes.
struct SetupTests {
  /// A workload without and one with a setup request.
  @Test(arguments: ["echo", "broadcast"])
  func aFewNodesAtATimeAreStarted(workload: String) throws {
    let options = TestOptions(workload: workload, nodes: TestOptions.nodeNames(200))
    let run = TestRun(options, workload: try #require(WorkloadRegistry.workload(options)))
    var started: [Int] = []
    var requests: [Message] = []
    func take() throws {
      for action in run.takeActions() {
        switch action {
        case .start(let node): started.append(node)
        case .deliver(let line, _): requests.append(try Message(parsing: line))
        default: Issue.record("\(action) while nodes start")
        }
      }
    }
    run.begin(at: .zero)
    try take()
    #expect(started == Array(0..<64))
    var mostAwaited = 0
    while run.phase != .running {
      mostAwaited = max(mostAwaited, requests.count)
      let request = requests.removeFirst()
      let reply =
        #"{"src":"\#(request.destination)","dest":"\#(request.source)","body":"#
        + #"{"type":"\#(request.type)_ok","in_reply_to":\#(try #require(request.id))}}"#
      let node = try #require(options.nodes.firstIndex(of: request.destination))
      Array(reply.utf8).withUnsafeBytes { run.receive($0, from: node, at: .zero) }
      try take()
    }
    #expect(started == Array(0..<200))
    #expect(mostAwaited == 64)
  }
}
