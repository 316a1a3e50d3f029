/// Joins a descriptor to a loop and hands its lines to one handler: standard input of a
/// daemon, standard output and error of a child.
///
/// While paused it reads nothing and hands nothing on, so that its writer waits in turn:
/// backpressure. The loop must outlive it.
public final class LineInput {
  /// What the handler is told.
  public enum Event {
    /// A line without its newline. The bytes are good until the handler returns.
    case line(UnsafeRawBufferPointer)
    /// A line of this many bytes was longer than the maximum, and was dropped.
    case overlong(length: Int)
    /// No more will come: the end of input, or the error that ended it. The last event.
    case end(Errno?)
  }

  // What every line goes through is not checked for exclusive access at run time, which would
  // cost more than finding the line. No callback runs within an access: a line's handler is
  // called when the reader has returned, with a slice of it.

  private unowned let loop: EventLoop
  private var descriptor: Descriptor?
  @exclusivity(unchecked) private var reader: LineReader
  @exclusivity(unchecked) private var handler: ((Event) -> Void)?
  private var source: SourceID?
  @exclusivity(unchecked) private var hasEnded = false
  private let acceptsUnterminatedLine: Bool

  /// Whether `pause()` was called last, rather than `resume()`.
  @exclusivity(unchecked) public private(set) var isPaused = false

  /// Starts reading. The loop keeps the input alive until its end or `close()`.
  ///
  /// - Parameter acceptsUnterminatedLine: Whether a last line without a newline is handed on
  ///   when input ends, rather than left as the unfinished line that it is.
  public init(
    _ descriptor: consuming Descriptor, on loop: EventLoop,
    maximumLength: Int = LineReader.defaultMaximumLength, acceptsUnterminatedLine: Bool = true,
    handler: @escaping (Event) -> Void
  ) throws(Errno) {
    try descriptor.makeNonBlocking()
    let number = descriptor.number
    self.loop = loop
    self.descriptor = consume descriptor
    self.handler = handler
    self.acceptsUnterminatedLine = acceptsUnterminatedLine
    reader = LineReader(maximumLength: maximumLength)
    source = try loop.add(number, interest: .readable) { _ in self.read() }
  }

  /// A copy of what has come of a line whose end has not, at most `count` bytes of it: what
  /// to show of a writer that forgets its newline. Stays when input has ended.
  public func unfinishedLine(atMost count: Int) -> [UInt8] { reader.unfinishedLine(atMost: count) }

  /// Stops reading and handing on, from within the handler too: no line follows.
  public func pause() {
    isPaused = true
    setInterest([])
  }

  /// Goes on, in the loop's next turn, with the lines already read.
  public func resume() {
    guard isPaused else { return }
    isPaused = false
    setInterest(.readable)
    // What is in memory already makes no descriptor readable.
    loop.schedule(after: .zero) { self.handOn() }
  }

  /// Stops for good, without an event, and closes the descriptor.
  public func close() {
    handler = nil
    source.map(loop.remove)
    source = nil
    descriptor = nil
  }

  /// One read a turn, of all that fits the reader's room: the budget that keeps one busy
  /// descriptor from starving the others.
  private func read() {
    handOn()
    guard !isPaused, descriptor != nil else { return }
    do throws(Errno) {
      let count = try reader.fill { (room) throws(Errno) in try descriptor?.read(into: room) }
      // A hang-up may come without input: only reading 0 is the end.
      if count == 0 { stopReading() }
      handOn()
    } catch {
      end(error)
    }
  }

  private func handOn() {
    // Retained once for all lines; `close()` is told by its absence from then on.
    guard let handler else { return }
    while !isPaused, self.handler != nil {
      switch reader.next() ?? (hasEnded && acceptsUnterminatedLine ? reader.finish() : nil) {
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
