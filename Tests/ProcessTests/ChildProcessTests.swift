import EddyEventLoop
import EddyProcess
import EddyTiming
import Glibc
import PipeTesting
import Testing

@Suite struct ChildProcessTests {
  init() { System.ignoreBrokenPipes() }

  /// Runs a shell script whose output and errors go to the pipe, which only it then holds open.
  private func shell(
    _ script: String, into pipe: TestPipe, workingDirectory: String? = nil
  ) throws -> ChildProcess {
    let null = try FileSystem.open("/dev/null", for: .read)
    let child = try ChildProcess(
      "/bin/sh", ["-c", script], workingDirectory: workingDirectory, standardInput: null,
      standardOutput: pipe.writeEnd!, standardError: pipe.writeEnd!)
    pipe.writeEnd = nil
    return child
  }

  @Test func anExitCodeIsReported() throws {
    #expect(try shell("exit 7", into: TestPipe()).wait() == .code(7))
  }

  @Test func oneThatDoesNotEndIsAwaitedForALimitedTime() throws {
    let pipe = try TestPipe()
    let child = try shell("sleep 600", into: pipe)
    #expect(child.wait(until: System.monotonicNow + .milliseconds(20)) == nil)
    #expect(child.wait(until: .zero) == nil, "a deadline in the past is no mistake")
    child.signalGroup(.kill)
    #expect(child.wait(until: System.monotonicNow + .seconds(60)) == .signal(.kill))
  }

  @Test func theSignalThatEndedAProcessIsReported() throws {
    #expect(try shell("kill -TERM $$", into: TestPipe()).wait() == .signal(.terminate))
  }

  @Test func streamsArgumentsAndDirectoryReachTheProgram() throws {
    let pipe = try TestPipe()
    let input = try TestPipe()
    try input.write("given")
    input.writeEnd = nil
    let child = try ChildProcess(
      "/bin/sh", ["-c", "cat; pwd; echo \"$1\" >&2", "name", "a b"], workingDirectory: "/usr",
      standardInput: input.readEnd!, standardOutput: pipe.writeEnd!, standardError: pipe.writeEnd!)
    pipe.writeEnd = nil
    #expect(try pipe.readAll() == "given/usr\na b\n")
    #expect(child.wait() == .code(0))
  }

  @Test func aProgramThatCannotBeExecutedSaysWhy() throws {
    let null = try FileSystem.open("/dev/null", for: .read)
    func reason(_ path: String, in directory: String? = nil) -> Errno? {
      do throws(Errno) {
        _ = try ChildProcess(
          path, workingDirectory: directory, standardInput: null, standardOutput: null,
          standardError: null)
        return nil
      } catch {
        return error
      }
    }
    #expect(reason("/nowhere/at/all") == .noSuchFile)
    #expect(reason("/dev/null") == .permissionDenied)
    #expect(reason("/bin/sh", in: "/nowhere/at/all") == .noSuchFile)
  }

  @Test func aChildStartsWithTheStandardDescriptorsAlone() throws {
    let pipe = try TestPipe()
    // Inherited by all children but for what spawning closes.
    let leak = fcntl(pipe.reading, F_DUPFD, 3)
    defer { close(leak) }
    let child = try shell("ls /proc/$$/fd", into: pipe)
    #expect(try pipe.readAll() == "0\n1\n2\n")
    child.wait()
  }

  @Test func aChildStartsWithoutIgnoredOrBlockedSignals() throws {
    let pipe = try TestPipe()
    // This process ignores SIGPIPE, and the signals that onSignals blocks are blocked.
    let loop = try EventLoop()
    let blocked = try loop.onSignals([Signal(rawValue: SIGUSR2)]) { _ in }
    let child = try shell("exec grep -E 'Sig(Ign|Blk)' /proc/self/status", into: pipe)
    let status = try pipe.readAll()
    #expect(status == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n")
    child.wait()
    loop.remove(blocked)
  }

  @Test func killingTheGroupKillsGrandchildren() throws {
    let pipe = try TestPipe()
    let child = try shell("sleep 1000 & echo started; wait", into: pipe)
    #expect(try pipe.read() == "started\n")
    child.signalGroup(.kill)
    #expect(child.wait() == .signal(.kill))
    // Ends only when the last holder of the pipe, the grandchild, is gone.
    #expect(try pipe.readAll() == "")
  }

  @Test func aGrandchildDoesNotOutliveTheChild() throws {
    let pipe = try TestPipe()
    let child = try shell("sleep 1000 & exit 3", into: pipe)
    #expect(child.wait() == .code(3))
    #expect(try pipe.readAll() == "")
  }

  @Test func aReleasedChildIsKilled() throws {
    let pipe = try TestPipe()
    var child: ChildProcess? = try shell("echo started; exec sleep 1000", into: pipe)
    #expect(try pipe.read() == "started\n")
    #expect(child?.exit == nil)
    child = nil
    #expect(try pipe.readAll() == "")
  }

  @Test func aChildDiesWithTheThreadThatSpawnedIt() throws {
    final class Spawner {
      let pipe: TestPipe
      var child: Result<ChildProcess, any Error>?
      init(_ pipe: TestPipe) { self.pipe = pipe }
    }
    let spawner = Spawner(try TestPipe())
    // The kernel's parent-death signal is about the parent's thread.
    var thread = pthread_t()
    let start = pthread_create(
      &thread, nil,
      { context in
        let spawner = Unmanaged<Spawner>.fromOpaque(context!).takeUnretainedValue()
        spawner.child = Result {
          let null = try FileSystem.open("/dev/null", for: .read)
          return try ChildProcess(
            "/bin/sleep", ["1000"], standardInput: null, standardOutput: null, standardError: null)
        }
        return nil
      }, Unmanaged.passUnretained(spawner).toOpaque())
    #expect(start == 0)
    pthread_join(thread, nil)
    #expect(try #require(spawner.child).get().wait() == .signal(.kill))
  }

  @Test func aStoppedChildGoesOn() throws {
    let pipe = try TestPipe()
    let child = try shell("kill -STOP $$; echo on", into: pipe)
    child.signal(.continue)
    // A SIGCONT sent too early has no effect, so it is sent until the child has gone on.
    try pipe.readEnd?.makeNonBlocking()
    var output = ""
    while output != "on\n" {
      child.signal(.continue)
      if let text = try pipe.read() { output += text }
    }
    #expect(child.wait() == .code(0))
  }

  @Test func theLoopIsToldOfAnExit() throws {
    let loop = try EventLoop()
    var exits: [ChildProcess.Exit] = []
    for code in 0..<3 {
      try shell("exit \(code)", into: TestPipe()).onExit(on: loop) { exits.append($0) }
    }
    try loop.run()
    #expect(Set(exits) == [.code(0), .code(1), .code(2)])
  }
}
