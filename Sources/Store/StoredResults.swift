import EddyEventLoop
import EddyHistory
public import EddyNode
import EddyProcess

/// The results of a stored run.
public enum StoredResults {
  /// Reads the results as JSON with Maelstrom's keys: Eddy's `results.json`, or else Maelstrom's
  /// `results.edn`.
  ///
  /// - Returns: Nil if the directory has neither or does not exist.
  public static func read(_ directory: String) throws(StoredRunError) -> JSONValue? {
    if let bytes = try? FileSystem.contents(of: "\(directory)/results.json") {
      return try parse("\(directory)/results.json") {
        try JSONValue(parsing: String(decoding: bytes, as: UTF8.self))
      }
    }
    if let bytes = try? FileSystem.contents(of: "\(directory)/results.edn") {
      return try parse("\(directory)/results.edn") { try EDNReader.read(bytes) }
    }
    return nil
  }

  private static func parse(
    _ path: String, _ body: () throws -> JSONValue
  ) throws(StoredRunError) -> JSONValue {
    do {
      return try body()
    } catch {
      throw StoredRunError("\(path): \(error)")
    }
  }
}
