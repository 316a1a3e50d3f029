import EddyEventLoop
import EddyNode
import EddyProcess
import Testing

/// What `eddy` prints, and for whom.
@Suite struct OutputTests {
  // As in `eddy test … | head -1`.
  @Test func aRunGoesOnWhenNobodyReadsAlong() throws {
    let run = try WorkbenchRun("echo", on: "echo", "--time-limit", "0.2")
    let null = try FileSystem.open("/dev/null", for: .read)
    let unread = Ends(try Pipe())
    unread.read = nil
    let child = try ChildProcess(
      Files.executable("eddy"), run.arguments, standardInput: null, standardOutput: unread.write!,
      standardError: unread.write!)
    #expect(child.wait() == .code(0))
    #expect(try run.results()["valid?"] == true)
  }
}
