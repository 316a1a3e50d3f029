package import EddyEventLoop
import EddyProcess

/// The beginning and the end of a node's log, which may be larger than memory.
enum LogExcerpt {
  /// The number of bytes kept of each.
  private static let limit = 256 << 10

  /// The lines of a node's log. If the middle is left out, one line says how many lines are missing. Empty if
  /// there is no log.
  ///
  /// - Complexity: O(length of the file) in time, O(1) in memory.
  static func lines(of node: String, in directory: String) -> [String] {
    guard let file = try? FileSystem.open("\(directory)/node-logs/\(node).log", for: .read) else { return [] }
    var head: [UInt8] = []
    var tail: [UInt8] = []
    var omitted = 0
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: limit, alignment: 1)
    defer { buffer.deallocate() }
    while let count = try? file.read(into: buffer), count > 0 {
      let room = min(count, limit - head.count)
      head += buffer[..<room]
      tail += buffer[room..<count]
      if tail.count > 2 * limit { omitted += dropLines(&tail, leaving: limit) }
    }
    if tail.count > limit { omitted += dropLines(&tail, leaving: limit) }
    guard omitted > 0 else { return lines(head + tail) }
    // The head's last line continues in the omitted part.
    let end = head.lastIndex(of: UInt8(ascii: "\n")) ?? head.startIndex
    return lines(Array(head[..<end])) + ["… \(omitted) lines are left out here; the log file has them."]
      + lines(tail)
  }

  /// Removes whole lines from the front. Returns their number.
  private static func dropLines(_ bytes: inout [UInt8], leaving count: Int) -> Int {
    let cut = bytes.count - count
    let end = bytes[cut...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
    let dropped = bytes[..<end].count { $0 == UInt8(ascii: "\n") }
    bytes.removeFirst(end)
    return max(1, dropped)
  }

  private static func lines(_ bytes: [UInt8]) -> [String] {
    bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }
}

extension FileSystem {
  /// Reads a whole file.
  package static func contents(of path: String) throws(Errno) -> [UInt8] {
    let file = try open(path, for: .read)
    var bytes: [UInt8] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 1)
    defer { buffer.deallocate() }
    while let count = try file.read(into: buffer), count > 0 { bytes += buffer[..<count] }
    return bytes
  }
}
