import EddyEventLoop
import EddyProcess
import EddyReport
public import EddySimulation
import Synchronization
import Testing

/// An error thrown by a test, with the picture of the cluster that it was thrown over.
public struct DrawnFailure: Error, CustomStringConvertible {
  /// What the test threw.
  public let reason: any Error
  /// The Lamport diagram, an SVG file; nil if it could not be written.
  public let diagram: String?

  public var description: String {
    "\(reason); " + (diagram.map { "who told whom is drawn in \($0)" } ?? "its diagram could not be written")
  }
}

extension Simulation {
  /// Runs a test's demands on this cluster. If one fails, leaves the cluster's Lamport diagram in a file, and says
  /// where.
  ///
  ///     try cluster.drawingFailures("values-survive-a-partition") {
  ///       #expect(try cluster.request("n4", "read")["messages"] == [42])
  ///     }
  ///
  /// A demand fails if `body` throws, or records an issue as `#expect` does. What is thrown names the file; an
  /// issue is followed by a warning that does.
  ///
  /// - Parameters:
  ///   - name: The file's name, without `.svg`.
  ///   - directory: Where the file goes; it is made if need be.
  ///   - body: The demands.
  public func drawingFailures<Result>(
    _ name: String, in directory: String = "/tmp/eddy-diagrams", _ body: () throws -> Result
  ) throws -> Result {
    let issues = Atomic(0)
    var result: Result?
    do {
      // No issue is known: the matcher only counts them.
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
      Issue.record("Who told whom is drawn in \(diagram).", severity: .warning)
    }
    return result!
  }

  /// Writes the cluster's Lamport diagram, and returns its path.
  @discardableResult
  public func draw(_ name: String, in directory: String = "/tmp/eddy-diagrams") throws -> String {
    try FileSystem.makeDirectories(directory)
    let path = "\(directory)/\(name).svg"
    let file = try FileSystem.open(path, for: .replace)
    try file.writeAll(LamportDiagram(recording).svg)
    return path
  }
}
