/// Reads lines from a descriptor on a loop and passes them to a handler: standard input of a daemon,
/// standard output and error of a child.
///
/// While paused it reads nothing and passes nothing on, so that in the end its writer blocks
/// (backpressure). The loop must outlive it.
public final class LineInput {
  /// What the handler is passed.
  public enum Event {
    /// A line without its newline. The bytes are valid until the handler returns.
    case line(UnsafeRawBufferPointer)
    /// A line that was dropped, as its length in bytes is above the maximum.
    case overlong(length: Int)
    /// The last event: the end of input, or the error that ended it.
    case end(Errno?)
  }

  // Every line uses the properties marked `exclusivity(unchecked)`: checking their accesses at run time would
  // cost more than finding the line. No callback runs within an access: the splitter has returned before the
  // handler is called.

  private unowned let loop: EventLoop
  private var descriptor: Descriptor?
  @exclusivity(unchecked) private var splitter: LineSplitter
  @exclusivity(unchecked) private var handler: ((Event) -> Void)?
  private var source: SourceID?
  @exclusivity(unchecked) private var hasEnded = false
  private let acceptsUnterminatedLine: Bool

  /// Whether the input is paused: ``pause()`` was called after the last ``resume()``.
  @exclusivity(unchecked) public private(set) var isPaused = false

  /// Starts reading. The loop retains the input until it ends or ``close()`` is called.
  ///
  /// - Parameters:
  ///   - maximumLength: The maximum length of a line, in bytes. Longer lines are dropped.
  ///   - acceptsUnterminatedLine: Whether a last line without a newline is passed to the handler. Otherwise
  ///     it remains as the ``unfinishedLine(atMost:)``.
  public init(
    _ descriptor: consuming Descriptor, on loop: EventLoop,
    maximumLength: Int = LineSplitter.defaultMaximumLength, acceptsUnterminatedLine: Bool = true,
    handler: @escaping (Event) -> Void
  ) throws(Errno) {
    try descriptor.makeNonBlocking()
    let number = descriptor.number
    self.loop = loop
    self.descriptor = consume descriptor
    self.handler = handler
    self.acceptsUnterminatedLine = acceptsUnterminatedLine
    splitter = LineSplitter(maximumLength: maximumLength)
    source = try loop.add(number, interest: .readable) { _ in self.read() }
  }

  /// A copy of the incomplete line, at most its first `count` bytes, to show when a writer forgets its
  /// newline. Remains after the end of input.
  public func unfinishedLine(atMost count: Int) -> [UInt8] { splitter.unfinishedLine(atMost: count) }

  /// Stops reading. No line follows, even if the handler itself calls this.
  public func pause() {
    isPaused = true
    setInterest([])
  }

  /// Continues after ``pause()``, in the loop's next turn, with the lines already read.
  public func resume() {
    guard isPaused else { return }
    isPaused = false
    setInterest(.readable)
    // Lines that are in memory already do not make the descriptor readable.
    loop.schedule(after: .zero) { self.deliver() }
  }

  /// Stops reading for good, without an event, and closes the descriptor.
  public func close() {
    handler = nil
    source.map(loop.remove)
    source = nil
    descriptor = nil
  }

  /// One read per turn, as large as the splitter's room: the bound that keeps one busy descriptor from
  /// starving the others.
  private func read() {
    deliver()
    guard !isPaused, descriptor != nil else { return }
    do throws(Errno) {
      let count = try splitter.fill { (room) throws(Errno) in try descriptor?.read(into: room) }
      // The process may have been stopped since the turn began: what was read may be later than its instant.
      loop.updateNow()
      // Only a read of 0 bytes is the end: a hang-up may be reported while input is left.
      if count == 0 { stopReading() }
      deliver()
    } catch {
      end(error)
    }
  }

  private func deliver() {
    // Retained once for all lines. After `close()`, `self.handler` is nil.
    guard let handler else { return }
    while !isPaused, self.handler != nil {
      switch splitter.next() ?? (hasEnded && acceptsUnterminatedLine ? splitter.finish() : nil) {
      case .complete(let bytes): handler(.line(bytes))
      case .overlong(let length): handler(.overlong(length: length))
      case nil:
        if hasEnded { end(nil) }
        return
      }
    }
  }

  private func setInterest(_ interest: Readiness) {
    guard let source else { return }
    do { try loop.update(source, interest: interest) } catch { end(error) }
  }

  private func stopReading() {
    hasEnded = true
    source.map(loop.remove)
    source = nil
  }

  private func end(_ error: Errno?) {
    let last = handler
    close()
    last?(.end(error))
  }
}
