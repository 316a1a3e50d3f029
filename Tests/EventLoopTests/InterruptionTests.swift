import EddyEventLoop
import EddyProcess
import Glibc
import PipeTesting
import Testing

/// Signals that interrupt a thread in a system call, sent to that very thread by another.
@Suite(.serialized) struct InterruptionTests {
  /// Sends SIGUSR1 again and again to the thread that made this, and calls `act` after the
  /// hundredth time.
  private final class Interrupter {
    private let target = pthread_self()
    private let act: () -> Void
    private var thread = pthread_t()

    init(_ act: @escaping () -> Void) {
      self.act = act
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in }
      // Without SA_RESTART: calls fail with EINTR.
      sigaction(SIGUSR1, &action, nil)
      pthread_create(
        &thread, nil,
        { context in
          let interrupter = Unmanaged<Interrupter>.fromOpaque(context!).takeUnretainedValue()
          for _ in 0..<100 {
            pthread_kill(interrupter.target, SIGUSR1)
            usleep(100)
          }
          interrupter.act()
          return nil
        }, Unmanaged.passUnretained(self).toOpaque())
    }

    func join() { pthread_join(thread, nil) }
  }

  @Test func aReadGoesOnAfterASignal() throws {
    let pipe = try TestPipe()
    let interrupter = Interrupter { try! pipe.write("x") }
    #expect(try pipe.read() == "x")
    interrupter.join()
  }

  @Test func aTurnEndsAtASignalAndTheLoopGoesOn() throws {
    let loop = try EventLoop()
    let pipe = try TestPipe()
    var text: String?
    try loop.add(pipe.reading, interest: .readable) { _ in
      text = try! pipe.read()
      loop.stop()
    }
    let interrupter = Interrupter { try! pipe.write("x") }
    try loop.run()
    #expect(text == "x")
    interrupter.join()
  }

  @Test func waitingForAChildGoesOnAfterASignal() throws {
    let input = try TestPipe()
    let child = try ChildProcess(
      "/bin/cat", standardInput: input.readEnd!, standardOutput: input.writeEnd!,
      standardError: input.writeEnd!)
    let interrupter = Interrupter { child.signal(.terminate) }
    #expect(child.wait() == .signal(.terminate))
    interrupter.join()
  }
}
