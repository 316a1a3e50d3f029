import EddyEventLoop

/// Writes log lines to standard error without ever blocking the node.
///
/// While the reader is slow and the queue is full, new lines are dropped. Once there is room again, a line
/// says how many. If standard error cannot be written to, the log is lost.
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

  /// Calls `action` once all lines have been written, or a write has failed.
  func whenEmpty(_ action: @escaping () -> Void) { output.whenEmpty(action) }

  func close() { output.close() }

  private func reportDropped() {
    guard dropped > 0 else { return }
    output.write("warning - - dropped \(dropped) lines of this log\n")
    dropped = 0
  }
}
