import EddyReport
import EddySimulation
import Foundation
import HistoryScripts
import Testing

/// The page in a real browser, where there is one.
struct BrowserTests {
  private static let browser = ["chromium", "chromium-browser", "google-chrome"].lazy
    .flatMap { name in ["/usr/bin/\(name)", "/usr/local/bin/\(name)", "/snap/bin/\(name)"] }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// What the browser said on standard output and on standard error.
  private func browse(_ arguments: [String]) throws -> (output: String, errors: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.browser))
    process.arguments =
      ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--window-size=1280,2000"]
      + arguments
    let directory = FileManager.default.temporaryDirectory
    let outputURL = directory.appendingPathComponent("eddy-browser-\(UUID()).out")
    let errorsURL = directory.appendingPathComponent("eddy-browser-\(UUID()).err")
    defer { for url in [outputURL, errorsURL] { try? FileManager.default.removeItem(at: url) } }
    // Files, not pipes: a full pipe that nobody reads would stop the browser.
    for url in [outputURL, errorsURL] { _ = FileManager.default.createFile(atPath: url.path, contents: nil) }
    process.standardOutput = try FileHandle(forWritingTo: outputURL)
    process.standardError = try FileHandle(forWritingTo: errorsURL)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return (
      try String(contentsOf: outputURL, encoding: .utf8), try String(contentsOf: errorsURL, encoding: .utf8)
    )
  }

  @Test(.enabled(if: browser != nil, "no Chromium on this machine"), .timeLimit(.minutes(2)))
  func thePageRendersWithoutComplaint() throws {
    let run = Recording.broadcast()
    let report = Report(
      run.recording, results: run.results, options: run.options.json, command: "eddy simulate")
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("eddy-page-\(UUID())")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    for file in report.files {
      try Data(file.text.utf8).write(to: directory.appendingPathComponent(file.name))
    }
    let page = directory.appendingPathComponent("index.html")
    let screenshot = directory.appendingPathComponent("page.png")

    let dom = try browse(["--dump-dom", page.absoluteString])
    #expect(!dom.errors.contains("CONSOLE"), "\(dom.errors)")
    #expect(dom.output.contains("<h1>broadcast, 5 nodes</h1>"))
    #expect(dom.output.contains("class=\"lamport\""))

    for picture in ["index.html", "messages.svg"] {
      let url = directory.appendingPathComponent(picture)
      let rendering = try browse(["--screenshot=\(screenshot.path)", url.absoluteString])
      #expect(!rendering.errors.contains("CONSOLE"), "\(rendering.errors)")
      // An empty page of this size takes about 10 kB.
      #expect(try Data(contentsOf: screenshot).count > 50_000)
    }
  }
}
