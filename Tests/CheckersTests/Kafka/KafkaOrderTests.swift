import EddyCheckers
import EddyHistory
import EddyNode
import EddyTiming
import HistoryScripts
import Testing

/// Histories in which polls and sends skip messages, or go back.
extension KafkaCheckerTests {
  @Test func aPollMustGoOnWhereTheLastOneEnded() {
    let result = check {
      for message in 1...4 { $0.send(0, "a", message, at: message) }
      $0.assign(1, "a")
      $0.poll(1, "a", (1, 1))
      $0.poll(1, "a", (4, 4))
      $0.poll(2, "a", (1, 1), (2, 2), (3, 3), (4, 4))
    }
    #expect(result.names == ["poll-skip"])
    #expect(
      result.explanations
        == "In key a, a client polled up to offset 1 (message 1) with the `poll` on n1 at 0.012 s (operation 11), "
        + "but continued at offset 4 (message 4) with the `poll` on n1 at 0.014 s (operation 13) and skipped "
        + "offsets 2, 3, which exist.")
    #expect(result.anomalies[0].operations == [11, 13])
  }

  @Test func anAssignDoesNotExcuseASkipInAKeyThatIsKept() {
    let result = check {
      for message in 1...3 { $0.send(0, "a", message, at: message) }
      $0.assign(1, "a")
      $0.poll(1, "a", (1, 1))
      $0.assign(1, "b", "a")
      $0.poll(1, "a", (3, 3))
      $0.poll(2, "a", (1, 1), (2, 2), (3, 3))
    }
    #expect(result.names == ["poll-skip"])
  }

  @Test func aPollMustNotGoBack() {
    let result = check {
      for message in 1...3 { $0.send(0, "a", message, at: message) }
      $0.assign(1, "a")
      $0.poll(1, "a", (1, 1), (2, 2), (3, 3))
      $0.poll(1, "a", (2, 2), (3, 3))
    }
    #expect(result.names == ["nonmonotonic-poll"])
    #expect(result.explanations.contains("but went back to offset 2 (message 2) with the `poll`"))
  }

  @Test func aPollMustNotRepeatTheLastMessage() {
    let result = check {
      $0.send(0, "a", 1, at: 1)
      $0.poll(1, "a", (1, 1))
      $0.poll(1, "a", (1, 1))
    }
    #expect(result.names == ["nonmonotonic-poll"])
  }

  @Test func aPollMustNotSkipWithinItself() {
    let result = check {
      for message in 1...3 { $0.send(0, "a", message, at: message) }
      $0.poll(1, "a", (1, 1), (3, 3))
      $0.poll(2, "a", (1, 1), (2, 2), (3, 3))
    }
    #expect(result.names == ["int-poll-skip"])
    #expect(
      result.explanations
        == "The `poll` on n1 at 0.008 s (operation 7) returned offset 1 (message 1) of key a and then offset 3 "
        + "(message 3) and skipped offset 2, which exists.")
  }

  @Test func pollsOfOneTransactionMustJoin() {
    let result = check {
      for message in 1...3 { $0.send(0, "a", message, at: message) }
      $0.ok(1, "txn", #"[["poll"],["poll"]]"#, #"[["poll",{"a":[[1,1]]}],["poll",{"a":[[3,3]]}]]"#)
      $0.poll(2, "a", (1, 1), (2, 2), (3, 3))
    }
    #expect(result.names == ["int-poll-skip"])
  }

  @Test func aPollMustBeInOrder() {
    let result = check {
      for message in 1...2 { $0.send(0, "a", message, at: message) }
      $0.poll(1, "a", (2, 2), (1, 1))
    }
    #expect(result.names == ["int-nonmonotonic-poll"])
    #expect(
      result.explanations.contains(
        "returned offset 2 (message 2) of key a before offset 1 (message 1)"))
  }

  @Test func aPollMustNotRepeatAMessage() {
    let result = check {
      $0.send(0, "a", 1, at: 1)
      $0.poll(1, "a", (1, 1), (1, 1))
    }
    #expect(result.names == ["int-nonmonotonic-poll"])
  }

  @Test func aClientsMessagesMustStayInOrder() {
    let result = check {
      $0.send(0, "a", 1, at: 5)
      $0.send(0, "a", 2, at: 3)
      $0.poll(1, "a", (3, 2), (5, 1))
    }
    #expect(result.names == ["nonmonotonic-send"])
    #expect(
      result.explanations
        == "In key a, a client sent offset 5 (message 1) with the `send` on n0 at 0.002 s (operation 1) and then "
        + "offset 3 (message 2) with the `send` on n0 at 0.004 s (operation 3): the log has the reverse order."
    )
  }

  @Test func anIndefiniteSendThatWasPolledMustStayInOrderToo() {
    let result = check {
      $0.send(0, "a", 1, at: 5)
      $0.send(0, "a", 2, .info)
      $0.poll(1, "a", (3, 2), (5, 1))
    }
    #expect(result.names == ["nonmonotonic-send"])
  }

  /// A log that loses its tail gives the offsets out anew. Whoever was there first, the process's order is
  /// turned round.
  @Test(arguments: [0, 1])
  func anOffsetThatIsGivenOutAgainTurnsTheOrderRound(first: Int) {
    let result = check {
      $0.send(first, "a", 1, at: 0)
      $0.send(0, "a", 2, at: 1)
      $0.send(0, "a", 3, at: 0)
      $0.poll(2, "a", (0, 3), (1, 2))
    }
    #expect(result.names == ["inconsistent-offsets", "lost-write", "nonmonotonic-send", "unseen"])
  }

  /// A node that tells the offset after the true one makes two messages share an offset. That is wrong by
  /// itself; in what order clients see the two says nothing.
  @Test func messagesThatShareAnOffsetHaveNoOrder() {
    for isOnePoll in [true, false] {
      let result = check {
        $0.send(0, "a", 1, at: 1)
        $0.send(0, "a", 2, at: 1)
        if isOnePoll {
          $0.poll(1, "a", (0, 1), (1, 2))
        } else {
          $0.poll(1, "a", (0, 1))
          $0.poll(1, "a", (1, 2))
        }
      }
      #expect(result.names == ["inconsistent-offsets", "duplicate"])
    }
  }

  @Test(arguments: [[1, 0], [0, 2, 1]])
  func aTransactionsMessagesMustStayInOrder(offsets: [Int]) {
    let sends = offsets.indices.map { #"["send","a",\#($0)]"# }.joined(separator: ",")
    let results = offsets.enumerated().map { #"["send","a",[\#($1),\#($0)]]"# }.joined(separator: ",")
    let result = check {
      $0.ok(0, "txn", "[\(sends)]", "[\(results)]")
      for (message, offset) in offsets.enumerated().sorted(by: { $0.element < $1.element }) {
        $0.poll(1, "a", (offset, message))
      }
    }
    #expect(result.names == ["int-nonmonotonic-send"])
    #expect(result.details["int-nonmonotonic-send"]?["count"] == 1)
  }
}
