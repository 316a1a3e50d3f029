package import EddyEventLoop
import EddyProcess

/// A pipe that closures can share, each end of which can be closed alone.
package final class TestPipe {
  package var readEnd: Descriptor?
  package var writeEnd: Descriptor?

  package init() throws(Errno) {
    let pipe = try Pipe()
    readEnd = consume pipe.readEnd
    writeEnd = consume pipe.writeEnd
  }

  /// The ends' numbers.
  package var reading: Int32 { readEnd?.number ?? -1 }
  package var writing: Int32 { writeEnd?.number ?? -1 }

  /// Gives an end away.
  package func takeReadEnd() -> Descriptor { readEnd.take()! }
  package func takeWriteEnd() -> Descriptor { writeEnd.take()! }

  package func write(_ text: String) throws(Errno) {
    let bytes = Array(text.utf8)
    try bytes.span.bytes.withUnsafeBytes { (bytes) throws(Errno) in try writeEnd!.writeAll(bytes) }
  }

  /// What one read gives, at most `count` bytes; nil when it would have to wait.
  package func read(_ count: Int = 65536) throws(Errno) -> String? {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { buffer.deallocate() }
    guard let length = try readEnd!.read(into: buffer) else { return nil }
    return String(decoding: buffer.prefix(length), as: UTF8.self)
  }

  /// What comes until the end of input.
  package func readAll() throws(Errno) -> String {
    var all = ""
    while let text = try read(), !text.isEmpty { all += text }
    return all
  }
}

extension EventLoop {
  /// Runs turns until `condition` holds.
  package func run(until condition: () -> Bool) throws(Errno) {
    while !condition() { try runOnce() }
  }
}

/// A path that no other test uses.
package func temporaryPath(_ name: String) -> String { "/tmp/eddy-test-\(System.processID)-\(name)" }
