import Testing

/// How much a function and a type may hold.
@Suite struct SizeTests {
  /// Lines of a function, its braces not counted: a screen.
  private static let functionLimit = 45
  /// Stored properties of a type, unless the comment at its head says why it has more.
  private static let propertyLimit = 12

  @Test func functionsFitAScreen() throws {
    let found = try SourceTree.files(["Sources"]).flatMap { Self.longFunctions(in: $0) }
    #expect(found == [])
  }

  @Test func typesWithManyStoredPropertiesSayWhy() throws {
    let found = try SourceTree.files(["Sources"]).flatMap { Self.largeTypes(in: $0) }
    #expect(found == [])
  }

  @Test func plantedOnesAreFound() {
    let body = Array(repeating: "    work()", count: Self.functionLimit + 1)
    let function = ["struct A {", "  func long() {"] + body + ["  }", "}"]
    #expect(Self.longFunctions(in: Self.file(function)) == ["Planted.swift:2"])
    let properties = (0...Self.propertyLimit).map { "  private var v\($0) = \($0)" }
    let type =
      ["/// Holds much.", "struct B {"] + properties + ["  static var s = 0", "  var c: Int { 1 }", "}"]
    #expect(Self.largeTypes(in: Self.file(type)) == ["Planted.swift:2"])
    let excused = ["/// It has many properties because it must."] + type.dropFirst()
    #expect(Self.largeTypes(in: Self.file(excused)) == [])
    #expect(Self.largeTypes(in: Self.file(["struct B {"] + properties.dropFirst() + ["}"])) == [])
  }

  private static func file(_ lines: [String]) -> SourceFile {
    SourceFile(path: "Planted.swift", text: lines.joined(separator: "\n"))
  }

  /// The lines of a declaration that ends at the first brace of its own indentation.
  private static func body(at start: Int, in lines: [Substring]) -> ArraySlice<Substring> {
    let indentation = lines[start].prefix { $0 == " " }
    let end = lines[(start + 1)...].firstIndex { $0.hasPrefix(indentation + "}") } ?? lines.endIndex
    return lines[(start + 1)..<end]
  }

  private static func longFunctions(in file: SourceFile) -> [String] {
    let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.indices.filter { index in
      let line = lines[index]
      guard line.hasSuffix("{") else { return false }
      let declares = line.split { !$0.isLetter }.contains { ["func", "init", "subscript"].contains($0) }
      let opensBody = declares || line.drop { $0 == " " }.hasPrefix(")")
      return opensBody && body(at: index, in: lines).count > functionLimit
    }.map { "\(file.path):\($0 + 1)" }
  }

  private static func largeTypes(in file: SourceFile) -> [String] {
    let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.indices.filter { index in
      let words = lines[index].split(separator: " ")
      guard words.last == "{", words.contains("struct") || words.contains("class"), words[0] != "///" else {
        return false
      }
      let indentation = lines[index].prefix { $0 == " " }.count + 2
      let count = body(at: index, in: lines).count { isStoredProperty($0, indentation: indentation) }
      guard count > propertyLimit else { return false }
      let head = lines[..<index].reversed().prefix { line in
        let text = line.drop { $0 == " " }
        return text.hasPrefix("//") || text.hasPrefix("@")
      }
      return !head.contains { $0.contains("properties") }
    }.map { "\(file.path):\($0 + 1)" }
  }

  private static func isStoredProperty(_ line: Substring, indentation: Int) -> Bool {
    guard line.prefix(while: { $0 == " " }).count == indentation, !line.contains("static ") else {
      return false
    }
    let declaration = line.drop { $0 == " " }
    let words = declaration.split(separator: " ")
    guard !declaration.hasPrefix("//"), words.contains("var") || words.contains("let") else { return false }
    // A computed property opens a brace before it has a value.
    let beforeValue = declaration.prefix { $0 != "=" }
    return !beforeValue.contains("{") || beforeValue.contains("didSet")
  }
}
