import EddyHistory
import EddyRun
import EddySimulation
import EddyTiming
import EddyVirtualProcesses
import Foundation
import Testing

extension ProgramTests {
  /// Programs that no node should be: each run ends, and says why.
  @Suite struct HostileProgramTests {
    private static let interpreter = "/usr/bin/python3"
    private static let hasPython = FileManager.default.isExecutableFile(atPath: interpreter)

    private func shell(_ script: String, until end: Swift.Duration = .seconds(30)) -> ProgramRun {
      finished(ProgramRun("/bin/sh", ["-c", script]), until: end)
    }

    private func python(_ script: String, until end: Swift.Duration = .seconds(30)) -> ProgramRun {
      finished(ProgramRun(Self.interpreter, ["-c", script]), until: end)
    }

    private func finished(_ run: ProgramRun, until end: Swift.Duration) -> ProgramRun {
      run.run(until: end)
      run.host.end()
      return run
    }

    // MARK: Ends

    @Test func aProgramThatEndsIsReportedWithItsStatus() {
      #expect(shell("exit 0").failure == .ended)
      #expect(shell("sleep 1; exit 3").failure == .crashed(status: "exit status 3"))
      #expect(shell("kill -SEGV $$").failure == .crashed(status: "killed by signal 11 (SIGSEGV)"))
      #expect(shell("kill -KILL $$").failure == .crashed(status: "killed by signal 9 (SIGKILL)"))
    }

    @Test func aProgramThatCannotBeExecutedIsNamed() {
      for (path, error) in [("/no/such/program", "ENOENT"), ("/tmp", "EACCES"), ("/dev/null", "EACCES")] {
        let run = finished(ProgramRun(path), until: .zero)
        guard case .notStarted(let reason) = run.failure else {
          Issue.record("\(path): \(String(describing: run.failure))")
          continue
        }
        #expect(reason.contains(error) && reason.contains(path))
      }
    }

    @Test func aProgramThatClosesItsOutputAndRunsOnIsReported() {
      #expect(shell("exec >&-; sleep 100").failure == .closed(stream: "standard output"))
    }

    // MARK: Programs without end

    @Test func timePassesForAProgramThatComputesWithoutEnd() {
      let run = shell("while :; do :; done", until: .seconds(1))
      #expect(run.failure == nil)
      #expect(run.host.reproducibility?.isCertain == false)
    }

    @Test func timePassesForAProgramThatWaitsInTheKernel() throws {
      let pipe = FileManager.default.temporaryDirectory.appendingPathComponent("pipe-\(UUID().uuidString)")
        .path
      defer { try? FileManager.default.removeItem(atPath: pipe) }
      // Nobody opens the other end.
      let run = shell("mkfifo \(pipe) && read line < \(pipe)", until: .seconds(5))
      #expect(run.failure == nil)
      let probes = run.host.reproducibility?.reasons.map(\.count) ?? []
      #expect(probes.count == 1 && (1...40).contains(probes[0]))
    }

    @Test func aProgramThatStartsProcessesWithoutEndIsReported() {
      #expect(shell("while :; do sleep 1000 & done").failure == .processes(count: 1000))
    }

    @Test(.enabled(if: hasPython)) func aProgramThatNeverAsksForItsEndedChildrenIsReported() {
      let run = python(
        """
        import os
        while True:
          if os.fork() == 0: os._exit(0)
        """)
      #expect(run.failure == .processes(count: 1000))
    }

    @Test func aLineWithoutEndIsReported() {
      let limit = 64 << 20
      let output = shell("exec head -c 70000000 /dev/zero")
      guard case .overlongLine(let length, limit) = output.failure else {
        Issue.record("\(String(describing: output.failure))")
        return
      }
      #expect(length > limit && length < limit + limit / 10)
      let log = shell("head -c 70000000 /dev/zero >&2; sleep 5")
      guard case .log(_, limit) = log.failure else {
        Issue.record("\(String(describing: log.failure))")
        return
      }
    }

    // MARK: Threads

    @Test(.enabled(if: hasPython)) func aProgramRunsOnWhenItsFirstThreadEnds() {
      let run = python(
        """
        import ctypes, os, threading, time
        def other():
          time.sleep(1)
          reader, writer = os.pipe()
          os.write(writer, b"x")
          print(os.read(reader, 1), time.monotonic() > 1, flush=True)
        threading.Thread(target=other).start()
        ctypes.CDLL(None).syscall(60, 5)
        """)
      #expect(run.lines == ["b'x' True"])
      #expect(run.host.reproducibility?.isCertain == true)
    }

    @Test(.enabled(if: hasPython)) func aCrashAfterTheEndOfTheFirstThreadIsReported() {
      let run = python(
        """
        import ctypes, threading, time
        def other():
          time.sleep(1)
          ctypes.string_at(0)
        threading.Thread(target=other).start()
        ctypes.CDLL(None).syscall(60, 5)
        """)
      #expect(run.failure == .crashed(status: "killed by signal 11 (SIGSEGV)"))
    }

    @Test(.enabled(if: hasPython)) func anyThreadMayExecuteAProgram() {
      let run = python(
        """
        import os, threading, time
        threading.Thread(target=lambda: time.sleep(5)).start()
        threading.Thread(target=lambda: os.execv("/bin/sh", ["sh", "-c", "sleep 7; echo $$"])).start()
        time.sleep(10)
        """)
      #expect(run.lines == ["2"] && run.failure == .ended)
      #expect(run.now >= .zero + .seconds(7) && run.now < .zero + .seconds(8))
      #expect(run.host.reproducibility?.isCertain == true)
    }
  }
}
