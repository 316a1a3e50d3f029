import EddyEventLoop
import EddyProcess
import EddyRun
import EddySimulation
import EddyVirtualKernel
import EddyVirtualProcesses
import Foundation
import Testing

extension ProgramTests {
  /// Each system call that the model decides returns what the real kernel returns.
  ///
  /// `SystemCallProbe` makes the calls in every way and prints the results.
  @Suite struct ConformanceTests {
    static let probes = ["clocks", "waiting", "threads", "timers", "signals", "children", "machine"]

    /// The probe's path: beside the tests.
    private static let path =
      URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path + "/SystemCallProbe"

    /// What the probe prints with the real kernel.
    private func native(_ probe: String) throws -> [String] {
      let pipe = try EddyEventLoop.Pipe()
      let input = try Descriptor.null()
      let errors = try Descriptor(duplicating: 2)
      let child = try ChildProcess(
        Self.path, [probe], standardInput: input, standardOutput: pipe.writeEnd, standardError: errors)
      #expect(child.wait() == .code(0))
      // It prints less than the pipe holds.
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      let count =
        try bytes.withUnsafeMutableBytes { (buffer) throws(Errno) in try pipe.readEnd.read(into: buffer) }
        ?? 0
      return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test(arguments: probes) func aCallReturnsWhatTheRealKernelReturns(_ probe: String) throws {
      let run = ProgramRun(Self.path, [probe])
      run.runToEnd()
      let expected = try native(probe)
      #expect(run.failure == .ended)
      #expect(expected.count > 10)
      for (index, line) in expected.enumerated() {
        #expect(
          index < run.lines.count && run.lines[index] == line,
          "line \(index + 1) after \(expected[max(0, index - 1)])")
      }
      #expect(run.lines.count == expected.count)
      #expect(run.host.reproducibility?.isCertain == true, "\(String(describing: run.host.reproducibility))")
    }

    @Test(arguments: probes) func aProgramPrintsTheSameFromTheSameSeed(_ probe: String) {
      let runs = (0..<2).map { _ in
        let run = ProgramRun(Self.path, [probe], seed: 7, order: .random)
        run.runToEnd()
        return run
      }
      #expect(runs[0].lines == runs[1].lines && runs[0].now == runs[1].now)
    }
  }
}
