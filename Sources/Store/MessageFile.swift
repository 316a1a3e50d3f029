import EddyEventLoop
public import EddyNetwork
import EddyNode
import EddyProcess

/// `messages.jsonl` while it is written: records are appended as they complete, which is not in the order in which
/// the messages were sent.
///
/// The first error is kept, and everything after it is passed over: a disk that is full ends no run.
public final class MessageFile {
  /// How many bytes are gathered before they are written.
  private static let chunkSize = 256 << 10

  private let path: String
  private let file: Descriptor?
  private var writer = JSONWriter()
  /// Why the file is not complete; nil if it is.
  public private(set) var problem: StoreError?

  /// Makes the file, empty.
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

  /// Writes what is gathered; what the file lacks from then on, nobody will add.
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
