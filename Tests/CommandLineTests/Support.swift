import EddyHistory
import EddyNetwork
import EddyNode
import Foundation
import Testing

/// The built executables, and the nodes in Python beside this file.
enum Files {
  /// Where the test bundle lies, and the executables with it.
  private static let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()
  private static let nodes = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Nodes")

  static func executable(_ name: String) -> String { products.appending(path: name).path }

  /// A node that runs if `python3` is on PATH, which the nodes' first lines ask for.
  static func node(_ name: String) -> String { nodes.appending(path: "\(name).py").path }
}

/// Runs a program to its end; returns its exit code and what it printed on either stream.
func output(of program: String, _ arguments: [String], in directory: URL? = nil) throws -> (
  code: Int32, text: String
) {
  let process = Process()
  process.executableURL = URL(filePath: program)
  process.arguments = arguments
  if let directory { process.currentDirectoryURL = directory }
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = pipe
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

/// Runs `eddy`.
func eddy(_ arguments: [String]) throws -> (code: Int32, text: String) {
  try output(of: Files.executable("eddy"), arguments)
}

/// A run of `eddy test`, in a directory of its own that is removed with this object.
final class WorkbenchRun {
  let directory: URL
  let process = Process()
  private var hasPlace = false

  /// - Parameter nodeArguments: What goes to the nodes, behind `--`.
  init(_ arguments: [String], nodeArguments: [String] = []) throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    process.executableURL = URL(filePath: Files.executable("eddy"))
    process.arguments = ["test", "--store", directory.path] + arguments + ["--"] + nodeArguments
    process.standardInput = FileHandle.nullDevice
    // Files rather than pipes, which someone would have to empty.
    process.standardOutput = try file("output")
    process.standardError = try file("errors")
  }

  /// A run of a workload on nodes in Python.
  convenience init(
    _ workload: String, on node: String, faults: [String] = [], _ arguments: String...
  ) throws {
    try self.init(
      ["-w", workload, "--bin", Files.node(node)] + arguments, nodeArguments: faults)
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    if hasPlace { Task { await Places.shared.leave() } }
    try? FileManager.default.removeItem(at: directory)
  }

  private func file(_ name: String) throws -> FileHandle {
    let url = directory.appending(path: name)
    try Data().write(to: url)
    return try FileHandle(forWritingTo: url)
  }

  func start() async throws {
    await Places.shared.enter()
    hasPlace = true
    try process.run()
  }

  /// Waits for the end, without holding a thread: other tests need it.
  func end() async throws {
    while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
    if hasPlace { await Places.shared.leave() }
    hasPlace = false
  }

  /// Runs from start to end, and returns the exit code.
  func exitCode() async throws -> Int32 {
    try await start()
    try await end()
    return process.terminationStatus
  }

  /// Waits until operations are under way: the report on a run tells their rate from the first one on.
  func waitForOperations() async throws { try await wait(for: "operations") { errors.contains("op/s") } }

  /// Waits until `condition` holds; records an issue if it never does.
  func wait(for what: String, until condition: () throws -> Bool) async throws {
    for _ in 0..<1000 {
      if try condition() { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("no sign of \(what)")
  }
}

/// Lets a few runs go on at a time: in real time, on a small machine, more would be late.
actor Places {
  static let shared = Places(6)

  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ count: Int) { free = count }

  func enter() async {
    if free > 0 {
      free -= 1
    } else {
      await withCheckedContinuation { waiting.append($0) }
    }
  }

  func leave() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}

// MARK: - What a run leaves behind

extension WorkbenchRun {
  /// The arguments that `eddy` gets.
  var arguments: [String] { process.arguments ?? [] }

  var output: String { text("output") }
  var errors: String { text("errors") }

  /// A file of the run's directory; empty if there is none.
  func stored(_ name: String) -> String { text("latest/\(name)") }

  func results() throws -> JSONValue { try JSONValue(parsing: stored("results.json")) }

  func history() throws -> History { try HistoryFile.decode(Array(stored("history.jsonl").utf8)) }

  func messages() throws -> [MessageRecord] {
    try stored("messages.jsonl").split(separator: "\n").map { try MessageRecord(parsing: Array($0.utf8)) }
  }

  /// The ids of the nodes' processes, which they log when they start.
  func nodeProcesses(_ count: Int) -> [Int32] {
    (0..<count).compactMap { node in
      let words = stored("node-logs/n\(node).log").split(whereSeparator: \.isWhitespace)
      return words.count >= 2 && words[0] == "pid" ? Int32(words[1]) : nil
    }
  }

  private func text(_ name: String) -> String {
    (try? String(contentsOf: directory.appending(path: name), encoding: .utf8)) ?? ""
  }
}

/// Whether a process runs; one that has ended and that nobody has waited for does not.
func isRunning(_ process: Int32) -> Bool {
  guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else {
    return false
  }
  // The state follows the program's name, which stands in parentheses.
  return status[status.lastIndex(of: ")")!...].split(separator: " ")[1] != "Z"
}
