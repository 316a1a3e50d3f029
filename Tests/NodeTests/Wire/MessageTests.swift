import Node
import Testing

@Suite struct MessageTests {
  let line = #"{"src":"c1","dest":"n1","body":{"type":"echo","msg_id":7,"echo":"Please echo 35"}}"#

  @Test func envelopeAndHeaderAreRead() throws {
    let message = try Message(parsing: line + "\n")
    #expect(message.source == "c1")
    #expect(message.destination == "n1")
    #expect(message.type == "echo")
    #expect(message.id == 7)
    #expect(message.inReplyTo == nil)
    #expect(try message.string("echo") == "Please echo 35")
    #expect(try message.raw("echo").description == #""Please echo 35""#)
  }

  @Test func replyIsWrittenWithoutStrings() throws {
    let message = try Message(parsing: line)
    var writer = JSONWriter()
    try writer.object { line in
      line.field("src", "n1")
      line.field("dest") { message.writeSource(into: &$0) }
      try line.field("body") {
        try $0.object {
          $0.field("type", "echo_ok")
          $0.field("in_reply_to", message.id)
          try $0.field("echo") { try message.writeValue(of: "echo", into: &$0) }
        }
      }
    }
    writer.endLine()
    let reply = #"{"src":"n1","dest":"c1","body":{"type":"echo_ok","in_reply_to":7,"echo":"Please echo 35"}}"#
    #expect(String(decoding: writer.bytes, as: UTF8.self) == reply + "\n")
  }
}
