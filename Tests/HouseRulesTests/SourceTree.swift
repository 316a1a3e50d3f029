import Foundation

/// The files of the package, in the directory in which this test was compiled.
enum SourceTree {
  /// The directory that holds `Package.swift`.
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The text of a file.
  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// The files below `folders` with one of these extensions, sorted by path.
  static func files(_ folders: [String], extensions: Set<String> = ["swift"]) throws -> [SourceFile] {
    var files: [SourceFile] = []
    for folder in folders {
      let paths = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
      while let name = paths?.nextObject() as? String {
        // The examples are packages, with build folders of their own.
        guard !name.contains("/.build"), extensions.contains(URL(filePath: name).pathExtension) else {
          continue
        }
        let path = "\(folder)/\(name)"
        files.append(SourceFile(path: path, text: try text(path)))
      }
    }
    return files.sorted { $0.path < $1.path }
  }

  /// The names in a directory, sorted.
  static func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path).sorted()
  }
}

/// A file of the package.
struct SourceFile {
  /// The path relative to the package's directory.
  var path: String
  var text: String

  var name: String { URL(filePath: path).deletingPathExtension().lastPathComponent }

  var lines: [String] { text.components(separatedBy: "\n") }

  /// The lines without comments. Text after `//` within a string literal is removed too.
  var code: [String] { lines.map { $0.components(separatedBy: "//")[0] } }
}

/// A regular expression of Foundation, which in debug builds is several times as fast as Swift's `Regex`.
struct Pattern {
  private let expression: NSRegularExpression

  init(_ pattern: String) throws { expression = try NSRegularExpression(pattern: pattern) }

  /// The texts of a group in all matches in which it took part; of whole matches for group 0.
  func matches(in text: String, group: Int = 0) -> [String] {
    let string = text as NSString
    return expression.matches(in: text, range: NSRange(location: 0, length: string.length)).compactMap {
      let range = $0.range(at: group)
      return range.location == NSNotFound ? nil : string.substring(with: range)
    }
  }

  func isFound(in text: String) -> Bool { !matches(in: text).isEmpty }
}
