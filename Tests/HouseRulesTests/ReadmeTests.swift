import Testing

/// README agrees with the files that it shows and mentions.
@Suite struct ReadmeTests {
  /// The code blocks of README in a language.
  private func blocks(_ language: String) throws -> [String] {
    try SourceTree.text("README.md").components(between: "```\(language)\n", and: "```")
  }

  @Test func theExampleNodeIsTheOneThatIsBuilt() throws {
    let example = try SourceTree.text("Examples/Greeter/Greeter.swift")
    #expect(try blocks("swift").contains(example))
  }

  @Test func everyTargetThatIsShownCanBeMade() throws {
    let makefile = try SourceTree.text("Makefile")
    // In blocks of commands and, between backquotes, in sentences and tables.
    let shown = try SourceTree.text("README.md").matches(
      of: /(?:^|`)make ([a-z0-9-]+)/.anchorsMatchLineEndings())
    #expect(shown.count >= 10)
    #expect(shown.map(\.1).filter { !makefile.contains("\n\($0):") } == [])
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
