import EddyNode
import Testing

@Suite struct MessageTests {
  let line = #"{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":7,"echo":"Please echo 35"}}"#

  private func message(body: String) throws -> Message {
    try Message(parsing: #"{"src":"c1","dest":"n1","body":\#(body)}"#)
  }

  @Test func envelopeAndHeaderAreRead() throws {
    let message = try Message(parsing: line + "\n")
    #expect(message.source == "c1")
    #expect(message.destination == "n1")
    #expect(message.type == "echo")
    #expect(message.id == 7)
    #expect(message.inReplyTo == nil)
    #expect(message.description == line + "\n")
    #expect(message.rawBody.description == #"{"type":"echo","msg_id":7,"echo":"Please echo 35"}"#)
    #expect(message.body == ["type": "echo", "msg_id": 7, "echo": "Please echo 35"])
  }

  @Test func unknownFieldsAndAnyOrderAndWhiteSpaceAreAccepted() throws {
    let text = """
       { "id" : 3 , "body" : { "x" : [ {} ] , "in_reply_to" : 9 , "type" : "t" } , "dest" : "b", "extra":{"src":1},
      \t"src" : "a" } \r
      """
    let message = try Message(parsing: text)
    #expect(message.source == "a")
    #expect(message.destination == "b")
    #expect(message.type == "t")
    #expect(message.id == nil)
    #expect(message.inReplyTo == 9)
  }

  @Test func keysAndNamesMayBeEscaped() throws {
    let message = try Message(
      parsing:
        #"{"\u0073rc":"\u0063\"1","d\u0065st":"n\n","bod\u0079":{"ty\u0070e":"ech\u006f","msg\u005fid":1,"\u00e9":2}}"#
    )
    #expect(message.source == "c\"1")
    #expect(message.destination == "n\n")
    #expect(message.type == "echo")
    #expect(message.id == 1)
    #expect(try message.integer("é") == 2)
    var writer = JSONWriter()
    writer.array {
      message.writeSource(into: &$0)
      message.writeDestination(into: &$0)
    }
    #expect(String(decoding: writer.bytes, as: UTF8.self) == #"["\u0063\"1","n\n"]"#)
  }

  @Test func theLastOfEqualKeysCounts() throws {
    let message = try Message(
      parsing:
        #"{"src":"a","body":{"type":"x","msg_id":9,"old":1},"dest":"b","src":"c","body":{"type":"y","type":"z","v":1,"v":2}}"#
    )
    #expect(message.source == "c")
    #expect(message.type == "z")
    #expect(message.id == nil)
    #expect(!message.contains("old"))
    #expect(try message.integer("v") == 2)
  }

  @Test func headerIntegersCoverAll64BitsAndNullIsAbsence() throws {
    #expect(try message(body: #"{"type":"t","msg_id":9223372036854775807}"#).id == .max)
    #expect(try message(body: #"{"type":"t","in_reply_to":-9223372036854775808}"#).inReplyTo == .min)
    #expect(try message(body: #"{"type":"t","msg_id":null}"#).id == nil)
  }

  @Test(arguments: ["msg_id", "in_reply_to"], ["1.0", "1e0", "1.5", "0.0", "1E2"])
  func aHeaderNumberWithAFractionOrAnExponentMakesNoMessage(field: String, number: String) {
    let error = #expect(throws: JSONError.self) { try message(body: #"{"type":"t","\#(field)":\#(number)}"#) }
    #expect(error?.reason == "expected an integer, without fraction and exponent")
  }

  @Test(arguments: [
    (#"[]"#, 0, "expected an object"),
    (#"null"#, 0, "expected an object"),
    (#""#, 0, "the input ends too soon"),
    (#"{}"#, 2, "the message has no \"src\""),
    (#"{"src":"a"}"#, 11, "the message has no \"dest\""),
    (#"{"src":"a","dest":"b"}"#, 22, "the message has no \"body\""),
    (#"{"src":1}"#, 7, "expected a string"),
    (#"{"dest":null}"#, 8, "expected a string"),
    (#"{"body":[]}"#, 8, "expected an object"),
    (#"{"body":{}}"#, 10, "the message's body has no \"type\""),
    (#"{"body":{"type":1}}"#, 16, "expected a string"),
    (#"{"body":{"msg_id":"1"}}"#, 18, "expected an integer"),
    (#"{"body":{"msg_id":1.5}}"#, 18, "expected an integer, without fraction and exponent"),
    (#"{"body":{"in_reply_to":9223372036854775808}}"#, 23, "an integer beyond 64 bits"),
    (#"{"body":{"type":"t","x":tru}}"#, 27, "malformed true, false or null"),
    (#"{"other":[1,]}"#, 12, "not the start of a value"),
    (#"{"src":"a","dest":"b","body":{"type":"t"}} x"#, 43, "more after the end of the value"),
    (#"{"src":"a","dest":"b","body":{"type":"t"}"#, 41, "the input ends too soon"),
  ])
  func malformedMessagesAreRejectedWithOffsetAndReason(line: String, offset: Int, reason: String) {
    let error = #expect(throws: JSONError.self) { try Message(parsing: line) }
    #expect(error?.offset == offset)
    #expect(error?.reason == reason)
  }

  @Test func everyPrefixOfALineIsRejected() {
    let bytes = Array(line.utf8)
    for count in 0..<bytes.count {
      let error = #expect(throws: JSONError.self) { try Message(parsing: Array(bytes[..<count])) }
      #expect(error?.offset ?? 0 <= count)
    }
  }

  @Test func everySingleByteReplacedIsAcceptedOnlyIfItIsStillJSON() {
    let bytes = Array(line.utf8)
    for position in bytes.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = bytes
        changed[position] = byte
        if (try? Message(parsing: changed)) != nil {
          #expect(isAccepted(changed), "byte \(byte) at \(position)")
        }
      }
    }
  }
}

@Suite struct MessageFieldTests {
  let message: Message

  init() throws {
    message = try Message(
      parsing:
        #"{"src":"c1","dest":"n1","body":{"type":"t","s":"x\n","i":-3,"d":1.5,"b":true,"n":null,"a":[1, 2.0],"":0}}"#
    )
  }

  @Test func fieldsAreReadByType() throws {
    #expect(try message.string("s") == "x\n")
    #expect(try message.integer("i") == -3)
    #expect(try message.double("d") == 1.5)
    #expect(try message.double("i") == -3)
    #expect(try message.bool("b"))
    #expect(try message.raw("a").description == "[1, 2.0]")
    #expect(try message.value("a") == [1, 2.0])
    #expect(try message.value("n") == nil)
    #expect(try message.integer("") == 0)
    var slices = try message.reader("a")
    #expect(try Array(slices.readSlice()) == Array("[1, 2.0]".utf8))
    var reader = try message.reader("a")
    try reader.beginArray()
    #expect(try reader.nextElement())
    #expect(try reader.readInt() == 1)
  }

  @Test func optionalFieldsMayBeMissingOrNull() throws {
    #expect(try message.optionalInteger("i") == -3)
    #expect(try message.optionalInteger("n") == nil)
    #expect(try message.optionalInteger("none") == nil)
    #expect(try message.optionalString("s") == "x\n")
    #expect(try message.optionalString("n") == nil)
    #expect(throws: RPCError.self) { try message.optionalInteger("s") }
    #expect(throws: RPCError.self) { try message.optionalString("i") }
  }

  @Test func containsTellsOfNullToo() {
    #expect(message.contains("n"))
    #expect(message.contains("type"))
    #expect(!message.contains("none"))
    #expect(!message.contains("typ"))
    #expect(!message.contains("src"))
  }

  @Test func whatIsWrongWithAFieldIsToldToTheSender() {
    func expect(_ text: String, _ read: () throws(RPCError) -> Void) {
      #expect(throws: RPCError.malformedRequest(text)) { try read() }
    }
    expect(#"the field "none" is missing"#) { () throws(RPCError) in _ = try message.integer("none") }
    expect(#"the field "none" is missing"#) { () throws(RPCError) in _ = try message.raw("none") }
    expect(#"the field "none" is missing"#) { () throws(RPCError) in _ = try message.reader("none") }
    expect(#"the field "s" is malformed: expected an integer"#) { () throws(RPCError) in
      _ = try message.integer("s")
    }
    expect(#"the field "d" is malformed: expected an integer, without fraction and exponent"#) {
      () throws(RPCError) in
      _ = try message.integer("d")
    }
    expect(#"the field "i" is malformed: expected a string"#) { () throws(RPCError) in
      _ = try message.string("i")
    }
    expect(#"the field "n" is malformed: expected true or false"#) { () throws(RPCError) in
      _ = try message.bool("n")
    }
    expect(#"the field "a" is malformed: expected a number"#) { () throws(RPCError) in
      _ = try message.double("a")
    }
  }

  @Test func aFieldIsWrittenAsItLiesInItsMessage() throws {
    var writer = JSONWriter()
    let field = try message.field("a")
    writer.object { $0.field("copy", field) }
    #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"copy":[1, 2.0]}"#)
    #expect(throws: RPCError.malformedRequest(#"the field "none" is missing"#)) {
      _ = try message.field("none")
    }
  }

  @Test func aPayloadIsCopiedAsWritten() throws {
    var writer = JSONWriter()
    try writer.object { try $0.field("copy") { try message.writeValue(of: "a", into: &$0) } }
    #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"copy":[1, 2.0]}"#)
    #expect(throws: RPCError.malformedRequest(#"the field "none" is missing"#)) {
      try message.writeValue(of: "none", into: &writer)
    }
  }
}

@Suite struct MessageStorageTests {
  private func parse(_ line: String, _ pool: inout MessageStorage?) throws -> Message {
    try Array(line.utf8).withUnsafeBytes { try Message(parsing: $0, reusing: &pool) }
  }

  private func line(_ number: Int, padding: Int = 0) -> String {
    let padding = String(repeating: "x", count: padding)
    return #"{"src":"c\#(number)","dest":"n1","body":{"type":"t","n":\#(number),"padding":"\#(padding)"}}"#
  }

  @Test func storageOfADroppedMessageIsReused() throws {
    var pool: MessageStorage?
    _ = try parse(line(0), &pool)
    let first = try #require(pool.map(ObjectIdentifier.init))
    for number in 1..<100 {
      let message = try parse(line(number), &pool)
      #expect(message.source == "c\(number)")
      #expect(try message.integer("n") == number)
      #expect(pool.map(ObjectIdentifier.init) == first)
    }
  }

  @Test func aKeptMessageKeepsItsStorage() throws {
    var pool: MessageStorage?
    var kept: [Message] = []
    for number in 0..<10 { kept.append(try parse(line(number), &pool)) }
    for (number, message) in kept.enumerated() {
      #expect(message.source == "c\(number)")
      #expect(try message.integer("n") == number)
    }
  }

  @Test func aKeptReaderKeepsItsBytes() throws {
    var pool: MessageStorage?
    var reader = try parse(line(1), &pool).reader("n")
    _ = try parse(line(2), &pool)
    #expect(try reader.readInt() == 1)
  }

  @Test func aMalformedLineLeavesThePoolUsable() throws {
    var pool: MessageStorage?
    _ = try parse(line(1), &pool)
    #expect(throws: JSONError.self) { _ = try parse(#"{"src":"c9","dest":"n1","body":{"msg_id":4}}"#, &pool) }
    let message = try parse(line(2), &pool)
    #expect(message.source == "c2")
    #expect(message.id == nil)
  }

  @Test func linesOfAnyLengthFollowEachOther() throws {
    var pool: MessageStorage?
    for (number, padding) in [0, 400, 500, 5_000, 10, 3_000_000, 20].enumerated() {
      let message = try parse(line(number, padding: padding), &pool)
      #expect(try message.integer("n") == number)
      #expect(try message.string("padding").utf8.count == padding)
    }
  }

  @Test func aHugeBufferIsNotKept() throws {
    var pool: MessageStorage?
    _ = try parse(line(1, padding: 2_000_000), &pool)
    weak let huge = pool
    #expect(huge != nil)
    _ = try parse(line(2), &pool)
    #expect(huge == nil)
  }
}
