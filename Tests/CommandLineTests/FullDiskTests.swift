import EddyEventLoop
import EddyNode
import EddyProcess
import Foundation
import Testing

/// Nodes whose real files cannot grow: a file system without room, and a limit on the length of files.
///
/// Whatever a node has acknowledged is found afterwards, and it says in words what it cannot do.
@Suite final class FullDiskTests {
  private let directory = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)")
  private var path: String { directory.path }

  init() throws { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: directory) }

  // MARK: A file system of 64 KiB

  /// Runs a script in a mount namespace of its own, which sees a small file system at `$1`.
  private static func inSmallFileSystem(_ script: String) -> [String] {
    [
      "--user", "--map-root-user", "--mount", "sh", "-c",
      "mount -t tmpfs -o size=64k none \"$1\" && \(script)", "sh",
    ]
  }

  private static let unshare = "/usr/bin/unshare"

  /// Whether this process may mount: user namespaces can be forbidden.
  private static let mayMount: Bool = {
    let directory = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)")
    try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    return (try? output(of: unshare, inSmallFileSystem("true") + [directory.path]))?.code == 0
  }()

  /// Starts a node with its data in the small file system.
  ///
  /// - Parameters:
  ///   - ballast: The size of a file beside the data, in KiB.
  ///   - command: The node; its data directory follows.
  private func start(ballast: Int, _ command: String...) throws -> DaemonProcess {
    let script = #"head -c $2k /dev/zero > "$1/ballast" && data=$1/data && shift 2 && exec "$@" "$data""#
    return try DaemonProcess(
      Self.inSmallFileSystem(script) + [path, "\(ballast)"] + command, program: Self.unshare)
  }

  /// Removes the ballast, in the namespace of the node.
  private func makeRoom(_ node: DaemonProcess) throws {
    try FileManager.default.removeItem(atPath: "/proc/\(node.child.id)/root\(path)/ballast")
  }

  private static let full = "No space left on device (ENOSPC)"

  @Test(.enabled(if: mayMount, "no mount namespaces on this machine"))
  func aWriteThatFindsTheDiskFullIsAcknowledgedOnceThereIsRoom() throws {
    let node = try start(ballast: 48, DaemonProcess.path, "lin-kv", "--data-dir")
    #expect(try node.ask(Line.initialize) == Line.initializeReply)
    var acknowledged = 0
    while !node.log.contains(where: { $0.contains("cannot write to the disk") }) {
      node.write(Self.write(acknowledged + 1))
      try node.run { node.output.count > acknowledged + 1 || node.log.contains { $0.contains(Self.full) } }
      acknowledged = node.output.count - 1
    }
    #expect((1...16).contains(acknowledged))
    #expect(
      node.log.contains {
        $0.hasPrefix("error ") && $0.contains("cannot write \(path)/data/log: \(Self.full)")
      })
    // More requests, and time for the node to try again: no write is acknowledged.
    let tries = node.log.count
    node.write(Self.write(acknowledged + 2))
    try node.run { node.log.count >= tries + 2 }
    #expect(node.output.count == acknowledged + 1)
    try makeRoom(node)
    try node.run { node.output.count == acknowledged + 3 }
    #expect(node.output.dropFirst().allSatisfy { $0.contains("write_ok") })
    for key in 1...(acknowledged + 2) { #expect(try node.ask(Self.read(key)).contains("read_ok")) }
    #expect(try node.finish().exit == .code(0))
  }

  /// A snapshot needs room for a second file.
  @Test(.enabled(if: mayMount, "no mount namespaces on this machine"))
  func aSnapshotThatFindsTheDiskFullLeavesTheOldFileAndIsWrittenOnceThereIsRoom() throws {
    let node = try start(ballast: 24, Files.executable("DurableNode"), "durable")
    #expect(try node.ask(Line.initialize) == Line.initializeReply)
    var added = 0
    while !node.log.contains(where: { $0.contains(Self.full) }) {
      added += 1
      node.write(Line.request(#""type":"add","msg_id":\#(added),"element":"\#(added)\#(Self.filler)""#))
      try node.run { node.output.count > added || node.log.contains { $0.contains(Self.full) } }
    }
    let acknowledged = node.output.count - 1
    #expect(added % 4 == 0 && acknowledged == added - 1)
    let data = "/proc/\(node.child.id)/root\(path)/data"
    #expect(try FileManager.default.contentsOfDirectory(atPath: data) == ["log"])
    let stored = try RecordLog.read(Array(Data(contentsOf: URL(filePath: data + "/log")))).recovered
    #expect(stored.records.count == 3)
    try makeRoom(node)
    try node.run { node.output.count == added + 1 }
    let whole = try RecordLog.read(Array(Data(contentsOf: URL(filePath: data + "/log")))).recovered
    #expect(whole.snapshot != nil && whole.records.isEmpty)
    #expect(try node.finish().exit == .code(0))
  }

  @Test(.enabled(if: mayMount, "no mount namespaces on this machine"))
  func aNodeThatFindsTheDiskFullAtItsStartRefusesItsInit() throws {
    let node = try start(ballast: 64, DaemonProcess.path, "lin-kv", "--data-dir")
    node.write(Line.initialize)
    let outcome = try node.waitForEnd()
    #expect(outcome.exit == .code(1))
    #expect(outcome.output.count == 1 && outcome.output[0].contains(#""code":13"#))
    #expect(outcome.output.first?.contains(Self.full) == true)
    #expect(outcome.log.contains { $0.hasPrefix("error ") && $0.contains(Self.full) })
  }

  // MARK: A limit on the length of files

  /// An error other than a full disk: the node ends, and what it acknowledged is there.
  @Test func aWriteThatFailsOtherwiseEndsTheNodeAndNothingAcknowledgedIsLost() throws {
    // The unit is 512 or 1,024 bytes, as the shell likes.
    let script = #"trap '' XFSZ; ulimit -f 20; exec "$@""#
    let node = try DaemonProcess(
      ["-c", script, "sh", DaemonProcess.path, "lin-kv", "--data-dir", path], program: "/bin/sh")
    #expect(try node.ask(Line.initialize) == Line.initializeReply)
    for key in 1...40 {
      node.write(Self.write(key))
      try node.run { node.output.count > key || node.log.contains { $0.contains("cannot use the disk") } }
    }
    let outcome = try node.waitForEnd()
    #expect(outcome.exit == .code(1))
    let words = "cannot write \(path)/log: File too large (EFBIG)"
    #expect(
      outcome.log.contains {
        $0.hasPrefix("error ") && $0.contains("cannot use the disk") && $0.contains(words)
      })
    let acknowledged = outcome.output.count - 1
    #expect(
      outcome.output.dropFirst().allSatisfy { $0.contains("write_ok") } && (1..<40).contains(acknowledged))
    let next = try DaemonProcess(["lin-kv", "--data-dir", path])
    #expect(try next.ask(Line.initialize) == Line.initializeReply)
    for key in 1...40 {
      let reply = try next.ask(Self.read(key))
      if key <= acknowledged { #expect(reply.contains("read_ok"), "key \(key) was acknowledged") }
    }
    #expect(try next.finish().exit == .code(0))
  }

  private static let filler = String(repeating: "x", count: 1000)

  private static func write(_ key: Int) -> String {
    Line.request(#""type":"write","msg_id":\#(key),"key":\#(key),"value":"\#(filler)""#)
  }

  private static func read(_ key: Int) -> String {
    Line.request(#""type":"read","msg_id":\#(1000 + key),"key":\#(key)"#)
  }
}
