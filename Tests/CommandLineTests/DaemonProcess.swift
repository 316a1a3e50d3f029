import EddyEventLoop
import EddyProcess
import Glibc
import Testing

/// `eddy-node` as its users run it: a process on three pipes, all of which one loop serves,
/// so that no test can lock up with it.
final class DaemonProcess {
  /// What a run left behind.
  struct Outcome {
    var output: [String]
    var log: [String]
    var exit: ChildProcess.Exit
  }

  let loop: EventLoop
  let child: ChildProcess
  let input: BufferedOutput

  /// The lines on standard output and standard error so far.
  private(set) var output: [String] = []
  private(set) var log: [String] = []
  private(set) var outputReader: LineInput?
  private(set) var logReader: LineInput?
  /// The very open file that is the daemon's standard input.
  private let stdin: Ends
  private var openStreams = 2

  /// The executable, which is built beside the tests.
  static let path: String = {
    guard let tests = try? FileSystem.targetOfLink("/proc/self/exe") else {
      preconditionFailure("the tests' own executable has no path")
    }
    return tests.prefix(through: tests.lastIndex(of: "/")!) + "eddy-node"
  }()

  init(_ arguments: [String] = ["echo"], program: String = DaemonProcess.path) throws {
    System.ignoreBrokenPipes()
    loop = try EventLoop()
    stdin = Ends(try Pipe())
    let (stdout, stderr) = (Ends(try Pipe()), Ends(try Pipe()))
    child = try ChildProcess(
      program, arguments, standardInput: stdin.read!, standardOutput: stdout.write!,
      standardError: stderr.write!)
    input = try BufferedOutput(stdin.write.take()!, on: loop)
    outputReader = try LineInput(stdout.read.take()!, on: loop) { [unowned self] in note($0, in: \.output) }
    logReader = try LineInput(stderr.read.take()!, on: loop) { [unowned self] in note($0, in: \.log) }
  }

  /// The number of the open file that is the daemon's standard input too.
  var sharedInput: Int32 { stdin.read?.number ?? -1 }

  /// Whether the daemon has taken all that was written to its input.
  var inputIsRead: Bool {
    var state = pollfd(fd: sharedInput, events: Int16(POLLIN), revents: 0)
    return poll(&state, 1, 0) == 0
  }

  /// Runs the daemon on `lines` and the end of input, to its end.
  static func run(_ arguments: [String] = ["echo"], on lines: [String]) throws -> Outcome {
    let daemon = try DaemonProcess(arguments)
    for line in lines { daemon.write(line) }
    return try daemon.finish()
  }

  func write(_ line: String) {
    input.write(line)
    input.write("\n")
  }

  /// Runs the loop until `condition` holds, which may depend on what the loop does not see.
  func run(until condition: () -> Bool) throws {
    while !condition() { try loop.runOnce(maximumWait: .milliseconds(1)) }
  }

  /// Sends a request and waits for one more line of output, which is returned.
  func ask(_ line: String) throws -> String {
    let count = output.count
    write(line)
    try run { output.count > count }
    return output[count]
  }

  /// Ends the input and waits for the daemon's end.
  func finish() throws -> Outcome {
    input.finish()
    return try waitForEnd()
  }

  /// Waits for the end of both outputs and of the process.
  func waitForEnd() throws -> Outcome {
    try run { openStreams == 0 }
    return Outcome(output: output, log: log, exit: child.wait())
  }

  private func note(_ event: LineInput.Event, in lines: ReferenceWritableKeyPath<DaemonProcess, [String]>) {
    switch event {
    case .line(let bytes): self[keyPath: lines].append(String(decoding: bytes, as: UTF8.self))
    case .overlong(let length): Issue.record("a line of \(length) bytes")
    case .end(let error):
      #expect(error == nil)
      openStreams -= 1
    }
  }
}

/// A pipe's ends, to be taken one by one.
final class Ends {
  var read: Descriptor?
  var write: Descriptor?

  init(_ pipe: consuming Pipe) {
    read = consume pipe.readEnd
    write = consume pipe.writeEnd
  }
}

/// The lines of the protocol that tests send.
enum Line {
  static let initialize = request(#""type":"init","msg_id":1,"node_id":"n1","node_ids":["n1"]"#)

  static func echo(_ id: Int, _ payload: String = #""hi""#) -> String {
    request(#""type":"echo","msg_id":\#(id),"echo":\#(payload)"#)
  }

  static func request(_ body: String) -> String { #"{"src":"c1","dest":"n1","body":{\#(body)}}"# }

  static func reply(_ body: String) -> String { #"{"src":"n1","dest":"c1","body":{\#(body)}}"# }

  static let initializeReply = reply(#""type":"init_ok","in_reply_to":1"#)

  static func echoReply(_ id: Int, _ payload: String = #""hi""#) -> String {
    reply(#""type":"echo_ok","in_reply_to":\#(id),"echo":\#(payload)"#)
  }
}

/// A small file as the kernel shows it, such as one of `/proc`.
func contents(_ path: String) throws -> String {
  let file = try FileSystem.open(path, for: .read)
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 1)
  defer { buffer.deallocate() }
  let count = try #require(try file.read(into: buffer))
  return String(decoding: buffer.prefix(count), as: UTF8.self)
}

/// The value of a line `NAME:\tVALUE` of such a file.
func field(_ name: String, of path: String) throws -> Substring {
  let line = try #require(try contents(path).split(separator: "\n").first { $0.hasPrefix(name + ":") })
  return line.dropFirst(name.count + 1).drop { $0 == "\t" || $0 == " " }
}
