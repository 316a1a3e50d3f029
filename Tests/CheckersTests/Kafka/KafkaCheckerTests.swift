import EddyCheckers
import EddyHistory
import EddyNode
import EddyTiming
import HistoryScripts
import Testing

/// Histories that are right, and histories with one thing wrong in them.
struct KafkaCheckerTests {
  func check(_ build: (inout KafkaScript) -> Void) -> CheckResult {
    KafkaChecker().check(KafkaScript(build).history)
  }

  // MARK: - Right histories

  @Test func whereNothingWasSentNothingCanBeTold() {
    #expect(check { _ in }.validity == .unknown)
    let result = check {
      $0.assign(1, "a")
      $0.poll(1, "a")
    }
    #expect(result.validity == .unknown)
    #expect(result.reason?.hasPrefix("nothing was sent") == true)
  }

  /// What is read back as something else is missed at its offset, too: the cause comes first.
  @Test func aMessageThatNobodySentComesBeforeWhatItCaused() {
    let result = check {
      $0.send(0, "a", 1, at: 0)
      $0.send(0, "a", 2, at: 1)
      $0.poll(1, "a", (0, 77), (1, 2))
    }
    #expect(result.names.first == "unwritten-read")
    #expect(result.names.contains("lost-write"))
  }

  @Test func unseenMessagesAreCountedOneByOne() {
    let result = check {
      for message in 1...20 { $0.send(0, message % 2 == 0 ? "a" : "b", message, at: message) }
    }
    #expect(result.anomalies.map(\.countedName) == ["20 unseen"])
    #expect(
      result.anomalies[0].explanation
        == "20 acknowledged messages of 2 keys were never polled.")
  }

  @Test func logsReadInOrderAreValid() {
    let result = check {
      $0.assign(1, "a", "b")
      for message in 1...5 {
        $0.send(0, "a", message, at: message - 1)
        $0.send(0, "b", message, at: 10 * message)
      }
      $0.poll(1, "a", (0, 1), (1, 2))
      $0.poll(1, "b", (10, 1), (20, 2), (30, 3), (40, 4), (50, 5))
      $0.poll(1, "a", (2, 3), (3, 4), (4, 5))
    }
    #expect(result.validity == .valid)
    #expect(result.anomalies.isEmpty)
    #expect(result.detail("error-types") == "[]")
  }

  @Test func offsetsMayHaveGaps() {
    let result = check {
      $0.assign(1, "a")
      $0.send(0, "a", 1, at: 3)
      $0.send(0, "a", 2, at: 7)
      $0.poll(1, "a", (3, 1))
      $0.poll(1, "a", (7, 2))
    }
    #expect(result.validity == .valid)
  }

  @Test func anAssignMayStartAnywhere() {
    let result = check {
      for message in 1...4 { $0.send(0, "a", message, at: message) }
      $0.assign(1, "a")
      $0.poll(1, "a", (1, 1), (2, 2), (3, 3), (4, 4))
      $0.assign(1, "b")
      $0.assign(1, "a")
      $0.poll(1, "a", (2, 2), (3, 3))
      $0.assign(1, "b")
      $0.assign(1, "a")
      $0.poll(1, "a", (4, 4))
    }
    #expect(result.validity == .valid)
  }

  @Test func whatNobodyKnowsMayBeThereOrNot() {
    let result = check {
      $0.assign(1, "a")
      $0.send(0, "a", 1, .info)
      $0.send(2, "a", 2, .info)
      $0.send(3, "a", 3, at: 2)
      $0.poll(1, "a", (0, 1), (2, 3))
    }
    #expect(result.validity == .valid)
    #expect(result.detail("info-txn-causes") == #"["net-timeout"]"#)
  }

  @Test func otherClientsMessagesMayComeBetweenATransactionsOwn() {
    let result = check {
      $0.assign(1, "a")
      $0.ok(
        0, "txn", #"[["send","a",1],["send","a",3]]"#, #"[["send","a",[0,1]],["send","a",[2,3]]]"#)
      $0.send(2, "a", 2, at: 1)
      $0.poll(1, "a", (0, 1), (1, 2), (2, 3))
    }
    #expect(result.validity == .valid)
    #expect(result.detail("error-types") == #"["int-send-skip"]"#)
    #expect(result.detail("bad-error-types") == "[]")
  }

  // MARK: - Wrong logs

  @Test func twoSendsAtOneOffsetAreInconsistent() {
    let result = check {
      $0.assign(1, "a")
      $0.send(0, "a", 1, at: 0)
      $0.send(2, "a", 2, at: 0)
      $0.poll(1, "a", (0, 1))
      $0.poll(3, "a", (0, 2))
    }
    #expect(result.validity == .invalid)
    #expect(result.names == ["inconsistent-offsets"])
    #expect(
      result.explanations
        == "Offset 0 of key a holds 2 messages: 1 by the `send` on n0 at 0.004 s (operation 3), "
        + "and 2 by the `send` on n0 at 0.006 s (operation 5).")
    #expect(result.anomalies[0].operations == [3, 5])
  }

  @Test func aPollThatContradictsAnotherIsInconsistent() {
    let result = check {
      $0.send(0, "a", 1, .info)
      $0.send(2, "a", 2, .info)
      $0.poll(1, "a", (5, 1))
      $0.poll(3, "a", (5, 2))
    }
    #expect(result.names == ["inconsistent-offsets"])
    #expect(result.detail("bad-error-types") == #"["inconsistent-offsets"]"#)
  }

  @Test func aMessageAtTwoOffsetsIsDuplicated() {
    let result = check {
      $0.assign(1, "a")
      $0.send(0, "a", 1, at: 0)
      $0.poll(1, "a", (0, 1))
      $0.poll(1, "a", (1, 1))
    }
    #expect(result.names.contains("duplicate"))
    #expect(
      result.explanations.contains(
        "In key a, message 1 is at 2 offsets: 0 by the `send` on n0 at 0.004 s (operation 3), "
          + "and 1 by the `poll` on n1 at 0.008 s (operation 7)."))
  }

  @Test func aRetryThatIsAppendedAgainIsDuplicated() {
    let result = check {
      $0.send(0, "a", 1, at: 3)
      $0.send(2, "a", 2, at: 4)
      $0.poll(1, "a", (2, 1), (3, 1), (4, 2))
    }
    #expect(result.names.first == "duplicate")
  }

  @Test func whatIsNeverPolledThoughALaterMessageIsWasLost() {
    let result = check {
      $0.assign(1, "a")
      $0.send(0, "a", 1, at: 0)
      $0.send(0, "a", 2, at: 1)
      $0.poll(1, "a", (1, 2))
    }
    #expect(result.names == ["lost-write", "unseen"])
    #expect(
      result.explanations.contains(
        "In key a, message 1 is lost: the `send` on n0 at 0.004 s (operation 3) wrote it at offset 0, and no client "
          + "polled it, although the `poll` on n1 at 0.008 s (operation 7) read up to offset 1 (message 2)."
      ))
  }

  @Test func messagesLostInTheMiddleAreAllCounted() {
    let result = check {
      for message in 1...6 { $0.send(0, "a", message, at: message) }
      $0.assign(1, "a")
      $0.poll(1, "a", (1, 1), (2, 2))
      $0.poll(1, "a", (5, 5), (6, 6))
    }
    #expect(result.names == ["lost-write", "poll-skip", "unseen"])
    #expect(result.details["lost-write"]?["count"] == 2)
  }

  @Test func messagesBeyondThoseReadAreNotLostButUnseen() {
    let result = check {
      $0.send(0, "a", 1, at: 0)
      $0.send(0, "a", 2, at: 1)
      $0.send(0, "b", 1, at: 0)
      $0.assign(1, "a")
      $0.poll(1, "a", (0, 1))
    }
    #expect(result.validity == .invalid)
    #expect(result.names == ["unseen"])
    #expect(result.detail("unseen") == #"{"unseen":{"a":1,"b":1},"messages":{"a":[2],"b":[1]}}"#)
    #expect(
      result.explanations.contains(
        "In key b, an acknowledged message was never polled: 1, acknowledged by"))
  }

  // MARK: - Wrong reads

  @Test func aMessageWhoseSendFailedMustNotBePolled() {
    let result = check {
      $0.send(0, "a", 1, .fail)
      $0.send(0, "a", 2, at: 1)
      $0.poll(1, "a", (0, 1), (1, 2))
    }
    #expect(result.names == ["G1a"])
    #expect(
      result.explanations
        == "The `poll` on n1 at 0.006 s (operation 5) returned message 1 of key a, although the `send` on n0 "
        + "at 0.002 s (operation 1), which sent it, failed.")
  }

  @Test func everyAbortedMessageIsReportedOnce() {
    let result = check {
      $0.send(0, "a", 1, .fail)
      $0.send(0, "b", 1, .fail)
      for process in 1...3 { $0.poll(process, "a", (0, 1)) }
      $0.poll(4, "b", (0, 1))
    }
    #expect(result.names == ["G1a"])
    #expect(result.details["G1a"]?["count"] == 2)
  }

  @Test func aMessageThatNobodySentMustNotBePolled() {
    let result = check { $0.poll(1, "a", (0, 1)) }
    #expect(result.names == ["unwritten-read"])
    #expect(
      result.explanations
        == "The `poll` on n1 at 0.002 s (operation 1) returned message 1 of key a, which no client sent."
    )
  }

  @Test func aMessageOfAnotherKeyMustNotBePolled() {
    let result = check {
      $0.send(0, "b", 1, at: 0)
      $0.poll(1, "a", (0, 1))
      $0.poll(1, "b", (0, 1))
    }
    #expect(result.names == ["unwritten-read"])
  }

  @Test func aMessageMustNotBePolledBeforeItIsSent() {
    let result = check {
      $0.poll(1, "a", (0, 1))
      $0.send(0, "a", 1, at: 0)
    }
    #expect(result.names == ["G1c-realtime"])
    #expect(
      result.explanations.contains("which was sent only later, by the `send` on n0 at 0.004 s (operation 3)"))
  }

  @Test func aClientMustNotPollItsOwnMessageBeforeItSendsIt() {
    let result = check {
      $0.poll(0, "a", (0, 1))
      $0.send(0, "a", 1, .info)
    }
    #expect(result.names == ["G1c-realtime"])
  }

  @Test(arguments: [
    #"[["send","a",[0,1]],["poll",{"a":[[0,1]]}]]"#, #"[["poll",{"b":[],"a":[[0,1]]}],["send","a",[0,1]]]"#,
  ])
  func aTransactionMustNotPollItsOwnMessage(result: String) {
    let argument =
      result.hasPrefix(#"[["send""#) ? #"[["send","a",1],["poll"]]"# : #"[["poll"],["send","a",1]]"#
    let result = check { $0.ok(0, "txn", argument, result) }
    #expect(result.names == ["precommitted-read"])
  }

  // MARK: - Lag and size

  /// A reader of history files may meet any offset.
  @Test func theHighestOffsetThereIsHasNoLag() {
    let result = KafkaChecker().check(
      KafkaScript {
        $0.send(0, "a", 1, at: .max)
        $0.assign(1, "a")
        $0.poll(1, "a", (.max, 1))
      }.history)
    #expect(result.detail("worst-realtime-lag").contains(#""lag":0"#))
  }

  @Test func lagIsTheAgeOfTheFirstMessageMissed() {
    let result = check {
      $0.assign(1, "a")
      $0.send(0, "a", 1, at: 0)
      $0.poll(1, "a", (0, 1))
      $0.send(0, "a", 2, at: 1)
      for _ in 0..<10 { $0.poll(1, "b") }
      $0.poll(1, "a", (1, 2))
    }
    // Known at 8 ms, missed by the poll invoked at 27 ms.
    #expect(
      result.detail("worst-realtime-lag") == #"{"time":0.027,"lag":0.019,"key":"a","process":1}"#)
  }

  @Test func everySayingCanBeCheckedAgainstTheHistory() {
    let script = KafkaScript {
      for message in 1...40 { $0.send(0, "a", message, at: message / 2) }
      $0.poll(1, "a", (9, 18), (3, 7), (30, 1))
    }
    let result = KafkaChecker().check(script.history)
    #expect(result.validity == .invalid)
    for anomaly in result.anomalies {
      #expect(anomaly.operations.allSatisfy { script.history.operations.indices.contains($0) })
      #expect(anomaly.explanation.last == ".")
    }
  }
}
