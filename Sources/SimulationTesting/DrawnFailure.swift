import EddyEventLoop
import EddyReport
public import EddySimulation

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
  /// Runs a test's demands on this cluster; when one of them throws, leaves the cluster's Lamport
  /// diagram in a file, whose path the error names.
  ///
  ///     try cluster.drawingFailures("values-survive-a-partition") {
  ///       try #require(try cluster.request("n4", "read")["messages"] == [42])
  ///     }
  ///
  /// - Parameters:
  ///   - name: The file's name, without `.svg`.
  ///   - directory: Where the file goes; it is made if need be.
  public func drawingFailures<Result>(
    _ name: String, in directory: String = "/tmp/eddy-diagrams", _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch {
      throw DrawnFailure(reason: error, diagram: try? draw(name, in: directory))
    }
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
