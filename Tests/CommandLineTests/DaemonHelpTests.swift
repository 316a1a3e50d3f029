import EddyNode
import Testing

/// What `eddy-node WORKLOAD --help` says.
@Suite struct DaemonHelpTests {
  @Test(arguments: [
    "echo", "unique-ids", "broadcast", "g-set", "g-counter", "pn-counter", "kafka", "txn-rw-register",
  ])
  func everyOptionIsDescribedAndNoDefaultIsANumberForAName(workload: String) throws {
    let help = try DaemonProcess.run([workload, "--help"], on: []).output
    #expect(help.contains { $0.contains("(values: debug, info, warning, error; default: info)") })
    #expect(!help.contains { $0.contains("default: 1)") || $0.contains("9223372036854775807") })
    #expect(!help.contains { $0.hasSuffix(" - ") }, "a value without a description")
    #expect(help.contains("OPTIONS OF EVERY WORKLOAD:"))
    #expect(
      help.contains { $0.hasPrefix("Example: eddy-node \(workload)") })
    #expect(help.allSatisfy { $0.count <= 80 || $0.hasPrefix("USAGE") })
  }

  @Test func theWorkloadsAreGrouped() throws {
    let help = try DaemonProcess.run(["--help"], on: []).output
    let groups = help.filter { $0.hasSuffix(" SUBCOMMANDS:") }
    #expect(
      groups == ["BASIC", "SET", "COUNTER", "LOG AND TRANSACTION", "CONSENSUS"].map { "\($0) SUBCOMMANDS:" })
  }

  @Test func aDefaultIsTheWorkloadsOwn() throws {
    for (workload, window) in [("g-set", 400), ("g-counter", 2000), ("kafka", 50), ("txn-rw-register", 250)] {
      let words = try DaemonProcess.run([workload, "--help"], on: []).output.flatMap {
        $0.split(separator: " ")
      }
      #expect(words.contains("\(window))"), "\(workload)")
    }
    #expect(
      try DaemonProcess.run(["broadcast", "--help"], on: []).output.contains {
        $0.contains("(default: 400; 2000")
      })
  }

  @Test(arguments: ["eddy", "eddy-node"])
  func bothProgramsPrintThePackagesVersion(program: String) throws {
    let result = try output(of: Files.executable(program), ["--version"])
    #expect(result.code == 0 && result.text == EddyVersion.current + "\n")
  }
}
