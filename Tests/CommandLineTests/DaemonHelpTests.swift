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
  }
}
