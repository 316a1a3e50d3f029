import EddyEventLoop
import EddyProcess

/// Reads a file's bytes, decompressed if they are in gzip's format.
package struct ByteStream {
  let path: String

  package init(path: String) { self.path = path }

  /// The number of bytes read at a time.
  private static let chunkSize = 1 << 18
  /// The first bytes of a gzip file; RFC 1952.
  private static let magic: [UInt8] = [0x1F, 0x8B]

  /// Passes all bytes to `take`, chunk by chunk.
  ///
  /// - Returns: False if the compressed data are truncated or damaged.
  package func read(_ take: (UnsafeRawBufferPointer) throws(StoredRunError) -> Void) throws(StoredRunError)
    -> Bool
  {
    guard try isCompressed() else {
      try read(try attempt { () throws(Errno) in try FileSystem.open(path, for: .read) }, take)
      return true
    }
    return try decompress(take)
  }

  private func isCompressed() throws(StoredRunError) -> Bool {
    var start: [UInt8] = []
    try attempt { () throws(Errno) in
      let file = try FileSystem.open(path, for: .read)
      try withUnsafeTemporaryAllocation(byteCount: Self.magic.count, alignment: 1) { buffer throws(Errno) in
        while start.count < Self.magic.count, let count = try file.read(into: buffer), count > 0 {
          start += buffer[..<count]
        }
      }
    }
    return start.starts(with: Self.magic)
  }

  private func read(
    _ file: borrowing Descriptor, _ take: (UnsafeRawBufferPointer) throws(StoredRunError) -> Void
  ) throws(StoredRunError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkSize, alignment: 1)
    defer { buffer.deallocate() }
    while true {
      let count: Int?
      do throws(Errno) { count = try file.read(into: buffer) } catch {
        throw StoredRunError("\(path): \(error)")
      }
      guard let count, count > 0 else { return }
      try take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  private func attempt<Result: ~Copyable>(_ body: () throws(Errno) -> Result) throws(StoredRunError) -> Result
  {
    do throws(Errno) { return try body() } catch { throw StoredRunError("\(path): \(error)") }
  }

  /// Decompresses the file with the program `gzip`.
  private func decompress(
    _ take: (UnsafeRawBufferPointer) throws(StoredRunError) -> Void
  ) throws(StoredRunError) -> Bool {
    let gzip = try attempt { () throws(Errno) in try Decompressor(path) }
    var sawBytes = false
    try read(gzip.output) { (bytes) throws(StoredRunError) in
      sawBytes = true
      try take(bytes)
    }
    switch gzip.child.wait() {
    case .code(0): return true
    case .code(127): throw StoredRunError("\(path) is compressed, but the program gzip is not installed")
    case let exit where !sawBytes: throw StoredRunError("\(path): gzip cannot read it (\(exit))")
    default: return false
    }
  }
}

/// A process of the program `gzip` that decompresses a file.
private struct Decompressor: ~Copyable {
  let child: ChildProcess
  let output: Descriptor

  init(_ path: String) throws(Errno) {
    let pipe = try Pipe()
    let input = try FileSystem.open(path, for: .read)
    let errors = try FileSystem.open("/dev/null", for: .write)
    // The shell finds the program on PATH.
    child = try ChildProcess(
      "/bin/sh", ["-c", "exec gzip -dc"], standardInput: input, standardOutput: pipe.writeEnd,
      standardError: errors)
    output = pipe.readEnd
  }
}
