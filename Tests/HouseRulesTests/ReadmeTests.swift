import Foundation
import Testing

/// README and the documents agree with the files that they show and mention.
@Suite struct ReadmeTests {
  /// All documents for people, by their paths.
  private static let documents =
    ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
    + ["adding", "design", "figures", "hardening", "parity", "protocols", "virtual-time"].map {
      "docs/\($0).md"
    }

  /// The code blocks of README in a language.
  private func blocks(_ language: String) throws -> [String] {
    try SourceTree.text("README.md").components(between: "```\(language)\n", and: "```")
  }

  @Test func theExampleNodeIsTheOneThatIsBuilt() throws {
    let example = try SourceTree.text("Examples/Greeter/Sources/Greeter/Greeter.swift")
    #expect(try blocks("swift").contains(example))
  }

  @Test(arguments: documents) func everyTargetThatIsShownCanBeMade(document: String) throws {
    let makefile = try SourceTree.text("Makefile")
    // In blocks of commands and, between backquotes, in sentences and tables.
    let shown = try SourceTree.text(document).matches(
      of: /(?:^|`)make ([a-z0-9-]+)/.anchorsMatchLineEndings())
    #expect(document != "README.md" || shown.count >= 10)
    #expect(shown.map(\.1).filter { !makefile.contains("\n\($0):") } == [])
  }

  /// Within the repository: a link to another site is not followed.
  @Test(arguments: documents) func linksLeadSomewhere(document: String) throws {
    let folder = SourceTree.root.appending(path: document).deletingLastPathComponent()
    let targets = try Pattern(#"\]\(([^)#:]+)(?:#[^)]*)?\)"#).matches(in: SourceTree.text(document), group: 1)
    let missing = targets.filter { !FileManager.default.fileExists(atPath: folder.appending(path: $0).path) }
    #expect(missing == [])
  }

  /// Of paths between backquotes; `NAME` is for what somebody adds.
  @Test(arguments: documents) func pathsThatAreNamedAreThere(document: String) throws {
    let pattern = try Pattern("`((?:Sources|Tests|Examples|Fuzz|Benchmarks|docs)/[\\w/+.-]+)`")
    let paths = try pattern.matches(in: SourceTree.text(document), group: 1).filter { !$0.contains("NAME") }
    let missing = paths.filter {
      !FileManager.default.fileExists(atPath: SourceTree.root.appending(path: $0).path)
    }
    #expect(missing == [])
  }

  /// The documents of `docs` are those that are tested here, and each is found from another one.
  @Test func everyDocumentIsLinked() throws {
    let names = try SourceTree.names(in: "docs").filter { $0.hasSuffix(".md") }
    #expect(names.map { "docs/\($0)" } == Self.documents.filter { $0.hasPrefix("docs/") })
    let texts = try Self.documents.map(SourceTree.text).joined()
    #expect(names.filter { !texts.contains("(\($0)") && !texts.contains("(docs/\($0)") } == [])
  }

  /// A step of the walk names a type, and a function in it by its labels if there are several, and links the file.
  @Test func everyStepOfTheWalkIsThere() throws {
    let steps = try SourceTree.text("docs/design.md").matches(
      of: /\[`(\w+)\.(\w+)(?:\(([\w:]*)\))?`\]\(\.\.\/(Sources\/[\w\/+-]+\.swift)\)/)
    #expect(steps.count >= 35)
    let missing = try steps.filter { step in
      let text = try SourceTree.text(String(step.4))
      let type = try Pattern("\\b(?:struct|class|enum|protocol|extension) \(step.1)\\b")
      let labels = (step.3 ?? "").split(separator: ":").map { "\\b\($0)\\b[\\w ]*:[^{]*?" }
      let function = try Pattern("func \(step.2)\\(\\s*" + labels.joined(separator: ",\\s*"))
      return !type.isFound(in: text) || !function.isFound(in: text)
    }
    #expect(missing.map(\.0) == [])
  }

  @Test func everyTermOfTheGlossaryIsExplainedOnce() throws {
    let design = try SourceTree.text("docs/design.md")
    for term in [
      "node", "client", "process", "operation", "invocation", "fault", "seed", "plan", "swarm", "round",
      "window",
      "journal", "history", "recording", "verdict",
    ] {
      #expect(design.components(separatedBy: "\n| \(term) | ").count == 2, "\(term)")
    }
  }

  @Test func everyExampleMessageIsOne() throws {
    let lines = try SourceTree.text("docs/protocols.md").components(between: "```json\n", and: "```")
      .flatMap { $0.split(separator: "\n") }
    #expect(lines.count > 30)
    for line in lines {
      let message = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(message?["src"] is String && message?["dest"] is String, "\(line)")
      #expect((message?["body"] as? [String: Any])?["type"] is String, "\(line)")
    }
  }

  @Test func everyTargetIsInTheHelp() throws {
    let makefile = try SourceTree.text("Makefile")
    let targets = makefile.matches(of: /^\.PHONY: (.+)$/.anchorsMatchLineEndings()).map(\.1)
    #expect(targets.count > 10)
    // `runner` is only a prerequisite of other targets.
    #expect(targets.filter { $0 != "runner" && !makefile.contains("\n## \($0): ") } == [])
  }

  @Test func aChallengeSaysFirstWhoRunsIt() throws {
    let makefile = try SourceTree.text("Makefile")
    let challenges = makefile.matches(of: /^maelstrom-.+: (.*)$/.anchorsMatchLineEndings()).map(\.1)
    #expect(challenges.count >= 8)
    // A target may be a second name of another.
    #expect(challenges.filter { $0 != "runner build" && !$0.hasPrefix("maelstrom-") } == [])
  }

  /// A module has a folder of tests with its name, or README says where its tests are.
  @Test func everyModuleSaysWhereItsTestsAre() throws {
    let tests = Set(try SourceTree.names(in: "Tests"))
    let elsewhere = try #require(
      SourceTree.text("README.md").components(between: "have their tests elsewhere", and: "\n").first)
    let untested = try SourceTree.names(in: "Sources").filter {
      !tests.contains("\($0)Tests") && !elsewhere.contains("`\($0)`")
    }
    #expect(untested == [])
  }

  @Test func everyModuleIsInTheLayout() throws {
    let readme = try SourceTree.text("README.md")
    #expect(try SourceTree.names(in: "Sources").filter { !readme.contains(" \($0)/") } == [])
  }
}

extension String {
  /// The texts between each `opening` and the next `closing`.
  fileprivate func components(between opening: String, and closing: String) -> [String] {
    split(separator: opening).dropFirst().map {
      String($0.prefix(upTo: $0.firstRange(of: closing)!.lowerBound))
    }
  }
}
