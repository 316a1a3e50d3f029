import EddyEventLoop
public import EddyNetwork
import EddyNode
import EddyProcess

/// Writes `messages.jsonl` during a run. Records are appended as they complete, which differs from the order
/// of sending.
///
/// After the first error nothing more is written, and the error is kept: a full disk does not end a run.
public final class MessageFile {
  /// The number of bytes buffered before they are written.
  private static let chunkSize = 256 << 10

  private let path: String
  private let file: Descriptor?
  private var writer = JSONWriter()
  /// The first error; nil if there was none.
  public private(set) var problem: StoreError?

  /// Creates the file, or empties it if it exists.
  init(path: String) {
    self.path = path
    do throws(Errno) {
      file = try FileSystem.open(path, for: .replace)
    } catch {
      file = nil
      problem = StoreError(path: path, reason: error)
    }
  }

  /// Appends records.
  public func append(_ records: some Sequence<MessageRecord>) {
    guard problem == nil else { return }
    for record in records {
      writer.value(record)
      writer.endLine()
      if writer.count >= Self.chunkSize { flush() }
    }
  }

  /// Writes the buffered bytes. No records may be appended afterwards.
  public func close() { flush() }

  private func flush() {
    guard problem == nil else { return }
    do throws(Errno) {
      try writer.withUnsafeBytes { (bytes) throws(Errno) in try file?.writeAll(bytes) }
    } catch {
      problem = StoreError(path: path, reason: error)
    }
    writer.removeAll(keepingCapacity: true)
  }
}
