/// Finds code in source text that would make two runs from one seed differ.
struct Determinism {
  /// A line that violates a convention.
  struct Violation: CustomStringConvertible, Equatable {
    var path: String
    var line: Int
    var reason: String

    var description: String { "\(path):\(line): \(reason)" }
  }

  private let forbidden: [(pattern: Pattern, reason: String)]
  private let unordered: Pattern
  private let ordered: Pattern

  init() throws {
    forbidden = [
      (try Pattern(#"\b(?:Date|DispatchTime|ContinuousClock|SuspendingClock)\b"#), "a clock"),
      (
        try Pattern(#"\bSystemRandomNumberGenerator\b|\.random\(in:(?!.*using:)"#),
        "randomness without a seed"
      ),
      (try Pattern(#"\.(?:shuffled|shuffle|randomElement)\(\)"#), "randomness without a seed"),
      (try Pattern(#"\b(?:Task|Thread|DispatchQueue|Mutex|Atomic)\s*[.({<]"#), "more than one thread"),
      (try Pattern(#"\.hashValue\b|\bObjectIdentifier\("#), "a number that differs between processes"),
    ]
    let unorderedType =
      #"(?:\s*:\s*(?:Set<|\[[^\[\]():]+:[^\]]+\])"#
      + #"|\s*=\s*(?:Set[(<]|Dictionary\(|\[[\w.<>]+: [\w.<>\[\]?]+\]\())"#
    unordered = try Pattern(#"\b(?:var|let)\s+(\w+)(?=\#(unorderedType))"#)
    ordered = try Pattern(#"\b(?:var|let)\s+(\w+)\b(?!\#(unorderedType))|[(,]\s*(?:_ )?(\w+): \[[^:\]]*\]"#)
  }

  /// All violations in a file that must be deterministic.
  func violations(in file: SourceFile) throws -> [Violation] {
    let iteration = try iteration(over: unorderedNames(in: file))
    let lines = file.lines
    return file.code.enumerated().flatMap { index, line in
      var reasons = forbidden.filter { $0.pattern.isFound(in: line) }.map(\.reason)
      if let iteration, iteration.isFound(in: line), !line.contains("sorted"), !isExcused(index, of: lines) {
        reasons.append("an iteration in unspecified order")
      }
      return reasons.map { Violation(path: file.path, line: index + 1, reason: $0) }
    }
  }

  /// The names that a file declares only as sets or dictionaries. Scopes are ignored: a name that is also
  /// declared with another type is left out.
  private func unorderedNames(in file: SourceFile) -> Set<String> {
    let code = file.code.joined(separator: "\n")
    return Set(unordered.matches(in: code, group: 1))
      .subtracting(ordered.matches(in: code, group: 1)).subtracting(ordered.matches(in: code, group: 2))
  }

  /// A pattern for a loop over one of these sets and dictionaries, over its keys or values, or for a method
  /// whose result depends on their order: two equal sets may iterate differently even in one process.
  private func iteration(over names: Set<String>) throws -> Pattern? {
    guard !names.isEmpty else { return nil }
    let name = "(?:" + names.sorted().joined(separator: "|") + ")"
    let methods = "map|flatMap|compactMap|forEach|joined|prefix|dropFirst|first|enumerated|reversed|popFirst"
    return try Pattern(
      #"\bin (?:self\.)?\#(name)(?:\.(?:keys|values|enumerated\(\)))?(?=\s*(?:\{|where\b))"#
        + #"|(?<!\w\.)\b\#(name)(?:\.(?:keys|values))?\.(?:\#(methods))\b|\bArray\((?:self\.)?\#(name)\b"#)
  }

  /// Whether the comment above a line begins with "Any order": the result of the iteration does not depend on
  /// the order, and the comment says why.
  private func isExcused(_ index: Int, of lines: [String]) -> Bool {
    let above = lines[..<index].reversed().map { $0.drop { $0 == " " } }
    return above.prefix { $0.hasPrefix("//") }.contains { $0.hasPrefix("// Any order") }
  }
}
