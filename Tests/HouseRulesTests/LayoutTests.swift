import Foundation
import Testing

/// How files are named, how long they are, and what they may import.
@Suite struct LayoutTests {
  /// A file is read in one go: about 400 lines, and tests may take a few more.
  private static let longestFile = 420

  private static let everything = ["Sources", "Tests", "Examples"]

  @Test func filesAreShort() throws {
    let files = try SourceTree.files(Self.everything, extensions: ["swift", "c", "h", "py"])
    #expect(files.filter { $0.lines.count > Self.longestFile }.map(\.path) == [])
  }

  /// A file that declares types is named after one of them, or after one it extends:
  /// `Type.swift`, `Type+Feature.swift`. One that only extends others is named after what it adds.
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

  /// Only the C modules name system calls, so that errno is read in one place; and a daemon without
  /// Foundation starts in milliseconds.
  @Test func onlyTheCModulesReachTheSystem() throws {
    let system = try Pattern(#"\bimport (?:Foundation\w*|Dispatch|Glibc|Musl)\b"#)
    let files = try SourceTree.files(["Sources", "Examples"]).filter { !$0.path.contains("/Tests/") }
    #expect(files.filter { system.isFound(in: $0.text) }.map(\.path) == [])
  }

  @Test(arguments: [("CEddyEventLoop", ["EventLoop", "Process"]), ("CEddyProcess", ["Process"])])
  func fewModulesImportTheCModules(module: String, importers: [String]) throws {
    let found = try SourceTree.files(["Sources"]).filter { $0.text.contains("import \(module)\n") }
    #expect(Set(found.map { String($0.path.split(separator: "/")[1]) }) == Set(importers))
  }

  /// The daemon starts no process and opens no file, so it does not link what does.
  @Test func theDaemonDoesWithoutProcessesAndFiles() throws {
    let daemon = ["Daemon", "EventLoop", "Node", "Registry", "Timing", "Workloads", "Programs/eddy-node"]
    let files = try SourceTree.files(daemon.map { "Sources/\($0)" })
    #expect(files.filter { $0.text.contains("import EddyProcess\n") }.map(\.path) == [])
  }

  @Test func nothingIsLeftForLater() throws {
    // Spelled so that this file is no finding of its own.
    let leftover = try Pattern("(?i)\\b(?:TO" + "DO|FIX" + "ME|X" + "XX)\\b|place" + "holder")
    let files = try SourceTree.files(Self.everything, extensions: ["swift", "c", "h", "py"])
    #expect(files.filter { leftover.isFound(in: $0.text) }.map(\.path) == [])
  }

  /// What `make lint` runs, so that nobody has to remember it.
  @Test func theFormatterIsContent() throws {
    let formatter = Process()
    formatter.executableURL = URL(filePath: "/usr/bin/env")
    formatter.arguments =
      ["swift", "format", "lint", "--strict", "--recursive", "--parallel", "Package.swift"] + Self.everything
    formatter.currentDirectoryURL = SourceTree.root
    try formatter.run()
    formatter.waitUntilExit()
    #expect(formatter.terminationStatus == 0, "swift format --in-place --recursive puts it right")
  }
}
