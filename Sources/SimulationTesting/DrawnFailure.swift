import EddyEventLoop
import EddyProcess
import EddyReport
public import EddySimulation
import Synchronization
import Testing

/// An error thrown by a test, with a diagram of the cluster at that time.
public struct DrawnFailure: Error, CustomStringConvertible {
  /// The error that the test threw.
  public let reason: any Error
  /// The path of the Lamport diagram, an SVG file; nil if it could not be written.
  public let diagram: String?

  public var description: String {
    "\(reason); " + (diagram.map { "diagram of the messages: \($0)" } ?? "its diagram could not be written")
  }
}

extension Simulation {
  /// Runs a test's expectations on this cluster. If one fails, writes the cluster's Lamport diagram to a file
  /// and reports its path.
  ///
  ///     try cluster.drawingFailures("values-survive-a-partition") {
  ///       #expect(try cluster.request("n4", "read")["messages"] == [42])
  ///     }
  ///
  /// A test fails if `body` throws or records an issue, as `#expect` does. A thrown error is replaced by a
  /// ``DrawnFailure``; an issue is followed by a warning with the path.
  ///
  /// - Parameters:
  ///   - name: The file's name, without `.svg`.
  ///   - directory: The directory of the file; it is created if it does not exist.
  ///   - body: The expectations.
  public func drawingFailures<Result>(
    _ name: String, in directory: String = "/tmp/eddy-diagrams", _ body: () throws -> Result
  ) throws -> Result {
    let issues = Atomic(0)
    var result: Result?
    do {
      // The matcher accepts no issue as known; it only counts them.
      try withKnownIssue(isIntermittent: true) {
        result = try body()
      } matching: { _ in
        issues.add(1, ordering: .relaxed)
        return false
      }
    } catch {
      throw DrawnFailure(reason: error, diagram: try? draw(name, in: directory))
    }
    if issues.load(ordering: .relaxed) > 0 {
      let diagram = try draw(name, in: directory)
      Issue.record("Diagram of the messages: \(diagram)", severity: .warning)
    }
    return result!
  }

  /// Writes the cluster's Lamport diagram. Returns its path.
  @discardableResult
  public func draw(_ name: String, in directory: String = "/tmp/eddy-diagrams") throws -> String {
    try FileSystem.makeDirectories(directory)
    let path = "\(directory)/\(name).svg"
    let file = try FileSystem.open(path, for: .replace)
    try file.writeAll(LamportDiagram(recording).svg)
    return path
  }
}
