import CEddyVirtualProcess
import EddyEventLoop

/// The pipes to and from a node's program.
final class NodeStreams {
  /// The ends that the program gets.
  struct ProgramEnds: ~Copyable {
    let input: Descriptor
    let output: Descriptor
    let errors: Descriptor
  }

  /// The longest line accepted, 64 MiB.
  static let maximumLineLength = LineSplitter.defaultMaximumLength

  private let input: Descriptor
  private let output: Descriptor
  private let errors: Descriptor
  private var outputLines = LineSplitter(maximumLength: maximumLineLength)
  private var errorLines = LineSplitter(maximumLength: maximumLineLength)
  /// What the program's pipe has no room for yet.
  private var unwritten: [UInt8] = []
  private(set) var isInputClosed = false
  private(set) var isOutputClosed = false

  private init(
    _ input: consuming Descriptor, _ output: consuming Descriptor, _ errors: consuming Descriptor
  ) throws(Errno) {
    for number in [input.number, output.number, errors.number] { _ = eddy_pipe_enlarge(number) }
    try input.makeNonBlocking()
    try output.makeNonBlocking()
    try errors.makeNonBlocking()
    self.input = input
    self.output = output
    self.errors = errors
  }

  /// Opens the pipes, and calls `start` with the program's ends, which are closed afterwards.
  static func open(_ start: (borrowing ProgramEnds) throws -> Void) throws -> NodeStreams {
    let input = try Pipe()
    let output = try Pipe()
    let errors = try Pipe()
    let streams = try NodeStreams(input.writeEnd, output.readEnd, errors.readEnd)
    try start(ProgramEnds(input: input.readEnd, output: output.writeEnd, errors: errors.writeEnd))
    return streams
  }

  /// The number of bytes that the program's pipe has no room for.
  var unwrittenCount: Int { unwritten.count }

  /// Queues a line, without newline, and writes what there is room for.
  func send(_ line: [UInt8]) {
    unwritten += line
    unwritten.append(UInt8(ascii: "\n"))
    flush()
  }

  func flush() {
    guard !unwritten.isEmpty, !isInputClosed else { return }
    do throws(Errno) {
      let count = try unwritten.span.bytes.withUnsafeBytes { (bytes) throws(Errno) in try input.write(bytes) }
      if let count { unwritten.removeFirst(count) }
    } catch {
      isInputClosed = true
    }
  }

  /// Reads what the program has printed. Returns whether that was anything.
  func drain(
    line: (UnsafeRawBufferPointer) -> Void, overlong: (Int) -> Void, overlongLog: (Int) -> Void,
    logLine: (UnsafeRawBufferPointer) -> Void
  ) -> Bool {
    let hasLogged = Self.read(errors, &errorLines, logLine, overlongLog).count > 0
    let result = Self.read(output, &outputLines, line, overlong)
    if result.hasEnded { isOutputClosed = true }
    return hasLogged || result.count > 0
  }

  private static func read(
    _ pipe: borrowing Descriptor, _ splitter: inout LineSplitter, _ line: (UnsafeRawBufferPointer) -> Void,
    _ overlong: (Int) -> Void
  ) -> (count: Int, hasEnded: Bool) {
    var total = 0
    while true {
      var count: Int?
      do throws(Errno) {
        count = try splitter.fill { (room) throws(Errno) in try pipe.read(into: room) }
      } catch {
        return (total, true)
      }
      guard let count else { return (total, false) }
      if count == 0 { return (total, true) }
      total += count
      while let next = splitter.next() {
        switch next {
        case .complete(let bytes): line(bytes)
        case .overlong(let length): overlong(length)
        }
      }
      // Its end may never come.
      if splitter.unfinishedCount > maximumLineLength {
        overlong(splitter.unfinishedCount)
        return (total, false)
      }
    }
  }

  /// The beginning of the program's last output line, if the line has no newline; otherwise empty.
  var unfinishedLine: [UInt8] { outputLines.unfinishedLine(atMost: 1000) }
}
