import EddyEventLoop
import EddyProcess

/// Runs a range of seeds in batches. Each batch is a process of its own; `jobs` of them run at a time.
///
/// A batch is this program with its own `--seeds` and `--jobs 1`. It prints a line for each failing seed. A
/// batch that crashes is reported as a failure too.
///
/// It has more than twelve stored properties: what to run, which of it is running, and what has been found.
final class SeedSweep {
  private static let largestBatch: UInt64 = 50

  private let arguments: [String]
  private let seeds: ClosedRange<UInt64>
  private let jobs: Int
  private let console: Console
  private let loop: EventLoop
  /// So many that each job has several batches, and that the last one does not keep the others waiting for long.
  private let batchSize: UInt64
  /// Whether each job and its programs keep to one processor.
  private let isPinned: Bool
  private var freeSlots: [Int]
  private var next: UInt64?
  private var running = 0
  private var finished = 0
  /// The lines of failing seeds, by the first seed of their batch.
  private var failures: [UInt64: [String]] = [:]
  private var children: [UInt64: ChildProcess] = [:]

  /// - Parameters:
  ///   - arguments: The arguments of this program.
  ///   - isPinned: Whether each job keeps to one processor, as it does with programs.
  init(
    _ arguments: [String], seeds: ClosedRange<UInt64>, jobs: Int, isPinned: Bool, console: Console
  ) throws(Errno) {
    self.arguments = Self.withoutSweep(arguments)
    self.seeds = seeds
    self.isPinned = isPinned
    freeSlots = Array((0..<jobs).reversed())
    batchSize = max(1, min(Self.largestBatch, UInt64(seeds.count / (4 * jobs))))
    self.jobs = jobs
    self.console = console
    loop = try EventLoop()
    next = seeds.lowerBound
  }

  /// Runs all batches. Returns a line for each failing seed, in the order of the seeds.
  func run() throws(Errno) -> [String] {
    while running < jobs, next != nil { try startBatch() }
    if running > 0 { try loop.run() }
    console.clear()
    return failures.sorted { $0.key < $1.key }.flatMap(\.value)
  }

  private func startBatch() throws(Errno) {
    guard let first = next else { return }
    let last = min(first + (batchSize - 1), seeds.upperBound)
    next = last < seeds.upperBound ? last + 1 : nil
    running += 1
    let slot = freeSlots.removeLast()
    let pin = isPinned ? ["--processor", "\(slot % System.processorCount)"] : []
    let pipe = try Pipe()
    let input = try FileSystem.open("/dev/null", for: .read)
    let errors = try Descriptor(duplicating: 2)
    let path = try FileSystem.targetOfLink("/proc/self/exe")
    let child = try ChildProcess(
      path, [arguments[0], "--seeds", "\(first)..\(last)", "--jobs", "1"] + pin + arguments.dropFirst(),
      standardInput: input, standardOutput: pipe.writeEnd, standardError: errors)
    children[first] = child
    var lines: [String] = []
    let output = try LineInput(pipe.readEnd, on: loop) { event in
      if case .line(let bytes) = event { lines.append(String(decoding: bytes, as: UTF8.self)) }
    }
    try child.onExit(on: loop) { [self] exit in
      // All output is already in the pipe; it is read earlier in this turn or now.
      loop.atEndOfTurn { [self] in
        _ = output
        freeSlots.append(slot)
        end(first...last, exit, lines)
      }
    }
  }

  private func end(_ batch: ClosedRange<UInt64>, _ exit: ChildProcess.Exit, _ lines: [String]) {
    running -= 1
    children[batch.lowerBound] = nil
    finished += batch.count
    var failing = lines.filter { $0.hasPrefix("seed ") }
    if exit != .code(0), exit != .code(1) {
      failing.append("seeds \(batch.lowerBound)..\(batch.upperBound): \(exit)")
    }
    failures[batch.lowerBound] = failing
    let count = failures.values.reduce(0) { $0 + $1.count }
    console.show("\(finished) of \(seeds.count) seeds, \(count) failing")
    do throws(Errno) {
      if next != nil { try startBatch() } else if running == 0 { loop.stop() }
    } catch {
      console.print("a batch could not be started: \(error)")
      loop.stop()
    }
  }

  /// The arguments without `--seeds` and `--jobs`; those after `--` belong to the nodes.
  private static func withoutSweep(_ arguments: [String]) -> [String] {
    var result: [String] = []
    var index = 0
    while index < arguments.count {
      let argument = arguments[index]
      if argument == "--" { return result + arguments[index...] }
      let isSweep = ["--seeds", "--jobs"].contains { argument == $0 || argument.hasPrefix($0 + "=") }
      if !isSweep { result.append(argument) }
      index += isSweep && !argument.contains("=") ? 2 : 1
    }
    return result
  }
}
