import EddyEventLoop

/// A log's way to standard error, which must not hold up the node.
///
/// While its reader is so slow that the queue is full, new lines are dropped, and counted in
/// a line once there is room again. A log that cannot be written is lost without a word.
final class LogOutput {
  private let output: BufferedOutput
  private var dropped = 0

  init(_ output: BufferedOutput) {
    self.output = output
    output.onDrain = { [unowned self] in reportDropped() }
  }

  func write(_ lines: [String]) {
    for line in lines {
      if output.isFull {
        dropped += 1
      } else {
        output.write(line)
        output.write("\n")
      }
    }
  }

  /// Calls `action` once all lines have been written, or cannot be.
  func whenEmpty(_ action: @escaping () -> Void) { output.whenEmpty(action) }

  func close() { output.close() }

  private func reportDropped() {
    guard dropped > 0 else { return }
    output.write("warning - - dropped \(dropped) lines of this log\n")
    dropped = 0
  }
}
