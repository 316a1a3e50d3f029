import EddyCheckers
import EddyHistory
import EddyNetwork
import EddyNode
import EddyReport
import EddyRun
import HistoryScripts
import Testing

/// What the faults and the messages tell of an anomaly.
struct ExplanationTests {
  /// The value 29, taken by n0 at 20 ms, and missed by n1 at 200 ms.
  private func circumstances(
    _ trips: [Trip], nemesis: [Operation] = []
  ) -> [String] {
    let recording = Recording(
      nodes: ["n0", "n1", "n2"],
      [op("broadcast", "29", 10...20), op("read", result: "[]", 200...210, on: "n1")], trips,
      nemesis: nemesis)
    let results = Results(
      history: recording.history, network: NetworkStatistics(), workload: SetFullChecker(add: "broadcast")
    ).explained(by: recording)
    #expect(results.validity == .invalid)
    return results.anomalies.first?.examples.first?.circumstances ?? []
  }

  private let cutOff: [Operation] = [
    .nemesis(
      "start-partition", 5,
      #"{"kind":"one","isolated":{"n0":["n1","n2"],"n1":["n0"],"n2":["n0"]}}"#),
    .nemesis("stop-partition", 100),
  ]

  private func gossip(_ sent: Int, to destination: String = "n1", _ payload: String = "[29]") -> Trip {
    var trip = lost("n0", destination, "gossip", sent, at: sent + 1, .partition)
    trip.payload = payload
    return trip
  }

  @Test func thePartitionAndTheLostMessagesAreNamed() {
    #expect(
      circumstances([gossip(30), gossip(40), gossip(50, to: "n2")], nemesis: cutOff) == [
        "From 0.005 s to 0.100 s n0 was cut off from n1 and n2: partition (one).",
        "3 messages that contained 29 were lost: from n0 to n1 at 0.031 s (partition), from n0 to n1 at 0.041 s "
          + "(partition), from n0 to n2 at 0.051 s (partition); the value was not sent again.",
      ])
  }

  @Test func whatWasNeverSentIsSaidToBe() {
    #expect(
      circumstances([gossip(30, "[30]")], nemesis: []) == ["No message between nodes contained 29."])
  }

  @Test func whatArrivedAndWasForgottenIsSaidToHaveArrived() {
    #expect(
      circumstances([message("n0", "n1", "gossip", 30, 35, payload: #"{"x":[1,{"29":true}]}"#)])
        == ["n1 received 29 from n0 at 0.035 s."])
    #expect(
      circumstances([message("n0", "n2", "gossip", 30, 35, payload: #"["29"]"#)])
        == ["No message that contained 29 reached n1."])
  }

  /// Numbers of messages are not what they carry, and clients' messages are no gossip. What was sent before
  /// the value was added means something else, so that nothing is said.
  @Test func whatCannotBeTheValueIsNotTakenForIt() {
    var trip = message("n0", "n1", "gossip", 30, 35)
    trip.payload = #"{"msg_id":29,"in_reply_to":29}"#
    #expect(circumstances([trip]) == ["No message between nodes contained 29."])
    #expect(circumstances([message("n0", "n1", "gossip", 3, 4, payload: "29"), gossip(30)]).isEmpty)
    #expect(
      circumstances([message("c0", "n0", "broadcast", 11, 12, payload: "29")])
        == ["No message between nodes contained 29."])
  }

  @Test(arguments: [
    (Operation.nemesis("kill", 50, #"["n0"]"#), "n0 was down (killed)"),
    (.nemesis("pause", 50, #"["n0","n1"]"#), "n0 and n1 were paused"),
    (.nemesis("start-loss", 50, #""12 %""#), "messages between nodes were lost at random (loss 12 %)"),
  ])
  func otherFaultsAreNamed(start: Operation, effect: String) {
    #expect(circumstances([], nemesis: [start]).first == "From 0.050 s to the end \(effect).")
  }

  @Test func faultsOfOthersAndOfOtherTimesAreNot() {
    let faults: [Operation] = [
      .nemesis("kill", 50, #"["n2"]"#), .nemesis("start", 60, #"["n2"]"#), .nemesis("pause", 1, #"["n0"]"#),
      .nemesis("resume", 2, #"["n0"]"#), .nemesis("kill", 300, #"["n0"]"#),
    ]
    #expect(circumstances([], nemesis: faults).count == 1)
  }

  @Test func aValidRunIsLeftAsItIs() {
    let run = Recording.broadcast(faults: [])
    #expect(run.results.explained(by: run.recording).json == run.results.json)
  }

  @Test func circumstancesAreInTheFileAndOnTheConsole() {
    let recording = Recording(
      nodes: ["n0", "n1"],
      [op("broadcast", "29", 10...20), op("read", result: "[]", 200...210, on: "n1")], [])
    let results = Results(
      history: recording.history, network: NetworkStatistics(), workload: SetFullChecker(add: "broadcast")
    ).explained(by: recording)
    let example = results.json["workload"]?["anomalies"]?[0]?["examples"]?[0]
    #expect(example?["circumstances"] == ["No message between nodes contained 29."])
    #expect(
      results.consoleText.contains("No read ever returned it. No message between nodes contained 29.\n"))
  }
}
