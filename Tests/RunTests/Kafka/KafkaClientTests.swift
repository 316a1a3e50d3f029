import EddyHistory
import EddyNode
import EddyRun
import EddyTiming
import HistoryScripts
import Testing

/// The client's side of the protocol, message by message.
struct KafkaClientTests {
  private struct Talk {
    var client: any Client

    /// What an invocation makes the client send; nil if it completes at once.
    mutating func invoke(_ function: String, _ value: String? = nil, isFinal: Bool = false) -> String {
      Self.describe(client.invoke(Invocation(function, value?.json, isFinal: isFinal)))
    }

    /// What a reply makes the client do.
    mutating func receive(_ body: String) throws -> String {
      Self.describe(client.receive(try Message(parsing: #"{"src":"n0","dest":"c0","body":\#(body)}"#)))
    }

    private static func describe(_ step: ClientStep) -> String {
      switch step {
      case .send(let request):
        var writer = JSONWriter()
        writer.object { request.fields(&$0) }
        return "\(request.type) \(String(decoding: writer.bytes, as: UTF8.self))"
      case .complete(.ok(let value)): return "ok \(value.map(\.description) ?? "")"
      case .complete(.fail(let error)): return "fail \(error.name)"
      case .complete(.info(let error)): return "info \(error.name)"
      }
    }
  }

  private func talk(_ start: KafkaStart = .beginning) -> Talk {
    var options = TestOptions(workload: "kafka", nodes: ["n0"])
    options.kafkaStart = start
    return Talk(client: KafkaWorkload(options).makeClient(process: 0, node: "n0"))
  }

  @Test func aSendIsCompletedByItsOffset() throws {
    var talk = talk()
    #expect(talk.invoke("send", #"[["send","7",3]]"#) == #"send {"key":"7","msg":3}"#)
    #expect(
      try talk.receive(#"{"type":"send_ok","offset":12,"in_reply_to":1}"#) == #"ok [["send","7",[12,3]]]"#)
  }

  /// Maelstrom's client asks as well, and does not use the answer.
  @Test(arguments: [(KafkaStart.beginning, 0), (.committed, 5)])
  func anAssignAsksForTheCommittedOffsets(start: KafkaStart, offset: Int) throws {
    var talk = talk(start)
    #expect(talk.invoke("assign", #"["3","1"]"#) == #"list_committed_offsets {"keys":["3","1"]}"#)
    #expect(try talk.receive(#"{"type":"list_committed_offsets_ok","offsets":{"1":5}}"#) == #"ok ["3","1"]"#)
    #expect(talk.invoke("poll", #"[["poll"]]"#) == #"poll {"offsets":{"1":\#(offset),"3":0}}"#)
  }

  /// The last offset that an integer holds: there is none to poll from next.
  @Test func aRecordThatNoneCanFollowIsIndefinite() throws {
    var talk = talk()
    #expect(talk.invoke("poll", #"[["poll"]]"#) == #"poll {"offsets":{}}"#)
    let last = "9223372036854775807"
    #expect(try talk.receive(#"{"type":"poll_ok","msgs":{"1":[[\#(last),1]]}}"#) == "info malformed-reply")
  }

  @Test func aPollIsFollowedByACommitAndMovesOn() throws {
    var talk = talk()
    _ = talk.invoke("assign", #"["1"]"#)
    _ = try talk.receive(#"{"type":"list_committed_offsets_ok","offsets":{}}"#)
    #expect(talk.invoke("poll", #"[["poll"]]"#) == #"poll {"offsets":{"1":0}}"#)
    let commit = try talk.receive(#"{"type":"poll_ok","msgs":{"1":[[0,9],[4,8]]}}"#)
    #expect(commit == #"commit_offsets {"offsets":{"1":4}}"#)
    #expect(try talk.receive(#"{"type":"commit_offsets_ok"}"#) == #"ok [["poll",{"1":[[0,9],[4,8]]}]]"#)
    #expect(talk.invoke("poll", #"[["poll"]]"#) == #"poll {"offsets":{"1":5}}"#)
  }

  @Test func anEmptyPollCommitsNothing() throws {
    var talk = talk()
    #expect(talk.invoke("poll", #"[["poll"]]"#) == #"poll {"offsets":{}}"#)
    #expect(try talk.receive(#"{"type":"poll_ok","msgs":{}}"#) == #"ok [["poll",{}]]"#)
    #expect(talk.invoke("poll", #"[["poll"]]"#) == #"poll {"offsets":{}}"#)
    #expect(try talk.receive(#"{"type":"poll_ok","msgs":{"1":[]}}"#) == #"ok [["poll",{"1":[]}]]"#)
  }

  @Test func keysThatStayAssignedKeepTheirPlace() throws {
    var talk = talk(.committed)
    _ = talk.invoke("assign", #"["1"]"#)
    _ = try talk.receive(#"{"type":"list_committed_offsets_ok","offsets":{"1":7}}"#)
    _ = talk.invoke("assign", #"["1","2"]"#)
    _ = try talk.receive(#"{"type":"list_committed_offsets_ok","offsets":{"1":9,"2":9}}"#)
    #expect(talk.invoke("poll", #"[["poll"]]"#) == #"poll {"offsets":{"1":7,"2":9}}"#)
  }

  @Test func afterRecoveryAnAssignStartsAtTheBeginning() {
    var talk = talk()
    #expect(talk.invoke("assign", #"["1","2"]"#, isFinal: true) == #"ok ["1","2"]"#)
    #expect(talk.invoke("poll", #"[["poll"]]"#, isFinal: true) == #"poll {"offsets":{"1":0,"2":0}}"#)
  }

  @Test func aCrashEndsTheProcess() {
    var talk = talk()
    #expect(talk.invoke("crash") == "info crash")
  }

  @Test func onlyAnAssignCanBeTakenAsFailed() {
    let talk = talk()
    #expect(talk.client.isIdempotent(Invocation("assign")))
    #expect(!talk.client.isIdempotent(Invocation("poll")))
    #expect(!talk.client.isIdempotent(Invocation("send")))
  }

  @Test(arguments: [
    ("send", #"[["send","1",1]]"#, #"{"type":"send_ok"}"#),
    ("send", #"[["send","1",1]]"#, #"{"type":"send_ok","offset":"1"}"#),
    ("send", #"[["send","1",1]]"#, #"{"type":"send_ok","offset":1,"key":"1"}"#),
    ("send", #"[["send","1",1]]"#, #"{"type":"send_ok","offset":1.0}"#),
    ("send", #"[["send","1",1]]"#, #"{"type":"send_ok","offset":1e0}"#),
    ("poll", #"[["poll"]]"#, #"{"type":"poll_ok","msgs":{"1":[[0.0,2]]}}"#),
    ("assign", #"["1"]"#, #"{"type":"list_committed_offsets_ok","offsets":{"1":0.0}}"#),
    ("poll", #"[["poll"]]"#, #"{"type":"poll_ok"}"#),
    ("poll", #"[["poll"]]"#, #"{"type":"poll_ok","msgs":[]}"#),
    ("poll", #"[["poll"]]"#, #"{"type":"poll_ok","msgs":{"1":[[1]]}}"#),
    ("poll", #"[["poll"]]"#, #"{"type":"poll_ok","msgs":{"1":[[1,2,3]]}}"#),
    ("poll", #"[["poll"]]"#, #"{"type":"poll_ok","msgs":{"1":[[null,2]]}}"#),
    ("poll", #"[["poll"]]"#, #"{"type":"poll_ok","msgs":{"1":[5]}}"#),
    ("assign", #"["1"]"#, #"{"type":"list_committed_offsets_ok","offsets":{"1":null}}"#),
    ("assign", #"["1"]"#, #"{"type":"list_committed_offsets_ok"}"#),
  ])
  func aReplyThatBreaksTheSchemaIsIndefinite(function: String, value: String, reply: String) throws {
    var talk = talk()
    _ = talk.invoke(function, value)
    #expect(try talk.receive(reply) == "info malformed-reply")
  }
}
