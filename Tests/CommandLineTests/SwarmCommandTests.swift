import Testing

/// `eddy simulate --swarm`.
@Suite struct SwarmCommandTests {
  private func exitCode(_ arguments: String...) throws -> Int32 {
    try eddy(["simulate", "--swarm", "--seeds", "1..10", "--jobs", "1"] + arguments).code
  }

  @Test func transactionsAreCheckedForWhatTheyPromiseUnlessToldOtherwise() throws {
    #expect(try exitCode("-w", "txn-rw-register") == 0)
    #expect(try exitCode("-w", "txn-rw-register", "--consistency-models", "strict-serializable") == 1)
  }
}
