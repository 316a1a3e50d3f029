import Foundation
import Testing

/// The project's conventions for names, lengths and imports of files.
@Suite struct LayoutTests {
  /// The maximum length of a file in lines: the convention is 400, with a margin for tests.
  private static let longestFile = 420

  private static let everything = ["Sources", "Tests", "Examples"]

  @Test func filesAreShort() throws {
    let files = try SourceTree.files(Self.everything, extensions: ["swift", "c", "h", "py"])
    #expect(files.filter { $0.lines.count > Self.longestFile }.map(\.path) == [])
  }

  /// A file that declares types is named after one of them, or after a type that it extends: `Type.swift`,
  /// `Type+Feature.swift`. A file that only extends types is named after its feature.
  @Test func filesAreNamedAfterWhatTheyDeclare() throws {
    let declaration = try Pattern(
      "(?m)^(?:(?:public|package|final|indirect) )*(?:struct|class|enum|protocol) ")
    let files = try SourceTree.files(["Sources", "Examples"]).filter { !$0.path.contains("/Tests/") }
    let misnamed = try files.filter { file in
      let type = file.name.prefix { $0 != "+" }
      let named = try Pattern("\\b(?:struct|class|enum|protocol|extension) (?:\\w+\\.)*\(type)\\b")
      return declaration.isFound(in: file.text) && !named.isFound(in: file.text)
    }
    #expect(misnamed.map(\.path) == [])
  }

  /// Only the C modules make system calls, so that errno is read in one place. Without Foundation the daemon
  /// starts in milliseconds.
  @Test func onlyTheCModulesReachTheSystem() throws {
    let system = try Pattern(#"\bimport (?:Foundation\w*|Dispatch|Glibc|Musl)\b"#)
    let files = try SourceTree.files(["Sources", "Examples"]).filter { !$0.path.contains("/Tests/") }
    #expect(files.filter { system.isFound(in: $0.text) }.map(\.path) == [])
  }

  @Test(arguments: [
    ("CEddyEventLoop", ["EventLoop", "Process"]), ("CEddyProcess", ["Process"]), ("CEddyStorage", ["Daemon"]),
  ])
  func fewModulesImportTheCModules(module: String, importers: [String]) throws {
    let found = try SourceTree.files(["Sources"]).filter { $0.text.contains("import \(module)\n") }
    #expect(Set(found.map { String($0.path.split(separator: "/")[1]) }) == Set(importers))
  }

  /// The daemon starts no process, and opens no files but those of a node's disk: it does not link the module for
  /// processes and files.
  @Test func theDaemonDoesWithoutProcessesAndFiles() throws {
    let daemon = ["Daemon", "EventLoop", "Node", "Registry", "Timing", "Workloads", "Programs/eddy-node"]
    let files = try SourceTree.files(daemon.map { "Sources/\($0)" })
    #expect(files.filter { $0.text.contains("import EddyProcess\n") }.map(\.path) == [])
  }

  /// A `_read` accessor of a large value crashes in debug builds, where a conditional expression reads through it:
  /// a copy is destroyed that was not made. A getter copies instead.
  @Test func noAccessorYieldsForReading() throws {
    let files = try SourceTree.files(["Sources", "Examples"])
    #expect(files.filter { $0.code.contains { $0.contains("_read" + " {") } }.map(\.path) == [])
  }

  @Test func nothingIsLeftForLater() throws {
    // The words are split so that this file does not match.
    let leftover = try Pattern("(?i)\\b(?:TO" + "DO|FIX" + "ME|X" + "XX)\\b|place" + "holder")
    let files = try SourceTree.files(Self.everything, extensions: ["swift", "c", "h", "py"])
    #expect(files.filter { leftover.isFound(in: $0.text) }.map(\.path) == [])
  }

  /// Runs the same check as `make lint`.
  @Test func theFormatterIsContent() throws {
    let formatter = Process()
    formatter.executableURL = URL(filePath: "/usr/bin/env")
    formatter.arguments =
      ["swift", "format", "lint", "--strict", "--recursive", "--parallel", "Package.swift"] + Self.everything
    formatter.currentDirectoryURL = SourceTree.root
    try formatter.run()
    formatter.waitUntilExit()
    #expect(formatter.terminationStatus == 0, "run: swift format --in-place --recursive")
  }
}
