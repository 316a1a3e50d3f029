import EddyEventLoop
import EddyTiming

/// What a turn of the loop costs, by what ends its wait.
func measureLoop() throws {
  let count = 20_000
  let loop = try EventLoop()

  try report("timer armed and fired", count: count) {
    try chain(count, on: loop) { next in loop.schedule(after: .nanoseconds(1), next) }
  }
  try report("action at the end of a turn", count: count) {
    try chain(count, on: loop) { next in loop.atEndOfTurn(next) }
  }
  try report("wake-up through a pipe", count: count) { try wakeUp(count, on: loop) }
}

/// Runs a step `count` times, each of which `arrange` has the loop run later.
private func chain(_ count: Int, on loop: EventLoop, _ arrange: @escaping (@escaping () -> Void) -> Void)
  throws
{
  var left = count
  func step() {
    left -= 1
    if left > 0 { arrange(step) }
  }
  arrange(step)
  try loop.run()
}

/// Writes a byte to a pipe that the loop itself reads, `count` times.
private func wakeUp(_ count: Int, on loop: EventLoop) throws {
  let pipe = PipeEnds(try Pipe())
  var left = count
  var source: SourceID?
  var failure: Errno?
  func turn() {
    do throws(Errno) {
      try pipe.readByte()
      left -= 1
      if left > 0 { return try pipe.writeByte() }
    } catch {
      failure = error
    }
    source.map(loop.remove)
  }
  source = try loop.add(pipe.read.number, interest: .readable) { _ in turn() }
  try pipe.writeByte()
  try loop.run()
  if let failure { throw failure }
}

/// A pipe that closures can share.
private final class PipeEnds {
  let read: Descriptor
  let write: Descriptor

  init(_ pipe: consuming Pipe) {
    read = pipe.readEnd
    write = pipe.writeEnd
  }

  func writeByte() throws(Errno) { try write.writeAll("x") }

  func readByte() throws(Errno) {
    var byte: UInt8 = 0
    _ = try withUnsafeMutableBytes(of: &byte) { (buffer) throws(Errno) in try read.read(into: buffer) }
  }
}
