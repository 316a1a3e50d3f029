import EddyNode
import Testing

@Suite struct RPCErrorTests {
  /// The table in "Errors" of Maelstrom's protocol document.
  @Test(arguments: [
    (RPCError.timeout(), 0, "timeout", false),
    (.nodeNotFound(), 1, "node-not-found", true),
    (.notSupported(), 10, "not-supported", true),
    (.temporarilyUnavailable(), 11, "temporarily-unavailable", true),
    (.malformedRequest(), 12, "malformed-request", true),
    (.crash(), 13, "crash", false),
    (.abort(), 14, "abort", true),
    (.keyDoesNotExist(), 20, "key-does-not-exist", true),
    (.keyAlreadyExists(), 21, "key-already-exists", true),
    (.preconditionFailed(), 22, "precondition-failed", true),
    (.transactionConflict(), 30, "txn-conflict", true),
  ])
  func codesAreMaelstroms(error: RPCError, code: Int, name: String, isDefinite: Bool) {
    #expect(error.code == code)
    #expect(error.name == name)
    #expect(error.isDefinite == isDefinite)
    #expect(error.description == "\(code) \(name): \(error.text)")
  }

  @Test(arguments: [-1, 2, 15, 23, 31, 999, 1000, 4711])
  func unknownAndCustomCodesAreIndefinite(code: Int) {
    let error = RPCError(code: code, text: "why")
    #expect(!error.isDefinite)
    #expect(error.name == nil)
    #expect(error.description == "\(code): why")
  }

  @Test(arguments: ["20.0", "2e1", #""20""#, "null", "20.5"])
  func aReplyWhoseCodeIsNoIntegerIsIndefinite(code: String) throws {
    let reply = try Message(
      parsing: #"{"src":"lin-kv","dest":"n0","body":{"type":"error","code":\#(code),"text":"why"}}"#)
    #expect(RPCError(reply: reply) == RPCError(code: 13, text: "why"))
  }

  @Test func textCanBeGiven() {
    #expect(RPCError.abort("no quorum") == RPCError(code: 14, text: "no quorum"))
  }
}
