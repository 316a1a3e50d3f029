import EddyNetwork
import EddyNode
import Testing

/// A service with what the tests need to talk to it.
struct Bench<S: Service> {
  var service: S
  var random = SeededGenerator(seed: 1)

  init(_ service: S, seed: UInt64 = 1) {
    self.service = service
    random = SeededGenerator(seed: seed)
  }

  mutating func ask(_ body: String, from client: String = "n1") throws -> ServiceReply {
    let message = try Message(parsing: #"{"src":"\#(client)","dest":"\#(S.name)","body":\#(body)}"#)
    return try service.handle(message, from: client, &random)
  }

  /// The code of the error that answers a request.
  mutating func errorCode(_ body: String, from client: String = "n1") -> Int? {
    do {
      _ = try ask(body, from: client)
      return nil
    } catch {
      return (error as? RPCError)?.code
    }
  }

  mutating func write(_ key: String, _ value: Int, from client: String = "n1") throws {
    #expect(try ask(#"{"type":"write","key":"\#(key)","value":\#(value)}"#, from: client) == .write)
  }

  /// The value of a key that exists.
  mutating func read(_ key: String, from client: String = "n1") throws -> Int {
    guard case .read(let value) = try ask(#"{"type":"read","key":"\#(key)"}"#, from: client) else {
      throw RPCError.crash("a read is answered by its value")
    }
    var reader = value.reader
    return try reader.readInt()
  }
}

struct LinearizableKVTests {
  @Test func readsSeeTheLastWriteWhoeverAsks() throws {
    var bench = Bench(LinearizableKV())
    for value in 0..<200 {
      try bench.write("x", value, from: "n\(value % 3)")
      #expect(try bench.read("x", from: "n\((value + 1) % 3)") == value)
    }
  }

  @Test func aKeyThatWasNeverWrittenDoesNotExist() {
    var bench = Bench(LinearizableKV())
    #expect(bench.errorCode(#"{"type":"read","key":"x"}"#) == 20)
    #expect(bench.errorCode(#"{"type":"cas","key":"x","from":1,"to":2}"#) == 20)
    #expect(bench.errorCode(#"{"type":"read","key":"x"}"#) == 20)
  }

  @Test func compareAndSetSucceedsOnlyOnTheExpectedValue() throws {
    var bench = Bench(LinearizableKV())
    try bench.write("x", 1)
    #expect(bench.errorCode(#"{"type":"cas","key":"x","from":2,"to":3}"#) == 22)
    #expect(try bench.read("x") == 1)
    #expect(try bench.ask(#"{"type":"cas","key":"x","from":1,"to":3}"#) == .compareAndSet)
    #expect(try bench.read("x") == 3)
  }

  @Test func compareAndSetCreatesAKeyWhenAsked() throws {
    var bench = Bench(LinearizableKV())
    let request = #"{"type":"cas","key":"x","from":1,"to":2,"create_if_not_exists":true}"#
    #expect(try bench.ask(request) == .compareAndSet)
    #expect(try bench.read("x") == 2)
    #expect(bench.errorCode(request) == 22)
    #expect(bench.errorCode(#"{"type":"cas","key":"y","from":1,"to":2,"create_if_not_exists":false}"#) == 20)
  }

  @Test func valuesAreComparedByWhatTheyMean() throws {
    var bench = Bench(LinearizableKV())
    _ = try bench.ask(#"{"type":"write","key":"x","value":{"a":1,"b":[2]}}"#)
    #expect(bench.errorCode(#"{"type":"cas","key":"x","from":{"a":1.0,"b":[2]},"to":0}"#) == 22)
    #expect(try bench.ask(#"{"type":"cas","key":"x","from":{"b":[2], "a":1},"to":0}"#) == .compareAndSet)
  }

  @Test func keysAreAnyJSON() throws {
    var bench = Bench(LinearizableKV())
    _ = try bench.ask(#"{"type":"write","key":[1,"a"],"value":7}"#)
    #expect(try bench.ask(#"{"type":"read","key":[1, "\u0061"]}"#) == .read(RawJSON(7)))
    #expect(bench.errorCode(#"{"type":"read","key":"[1,\"a\"]"}"#) == 20)
  }

  @Test(arguments: [
    (#"{"type":"delete","key":"x"}"#, 10), (#"{"type":"ts"}"#, 10), (#"{"type":"read"}"#, 12),
    (#"{"type":"write","key":"x"}"#, 12), (#"{"type":"cas","key":"x","from":1}"#, 12),
    (#"{"type":"cas","key":"x","from":1,"to":2,"create_if_not_exists":"yes"}"#, 12),
  ])
  func whatItDoesNotUnderstandIsRefused(body: String, code: Int) {
    var bench = Bench(LinearizableKV())
    #expect(bench.errorCode(body) == code)
    #expect(bench.errorCode(#"{"type":"read","key":"x"}"#) == 20)
  }
}

struct SequentialKVTests {
  @Test func aReadMayBeStaleButEachClientMovesForwardOnly() throws {
    var bench = Bench(SequentialKV())
    var seen: [String: Int] = [:]
    var stale = 0
    for value in 0..<500 {
      try bench.write("x", value, from: "writer")
      let reader = "n\(value % 2)"
      guard bench.errorCode(#"{"type":"read","key":"x"}"#, from: reader) == nil else { continue }
      let read = try bench.read("x", from: reader)
      #expect(read >= seen[reader, default: 0])
      #expect(read > value - 32)
      if read < value { stale += 1 }
      seen[reader] = read
    }
    #expect(stale > 100)
  }

  @Test func aClientReadsItsOwnWrites() throws {
    var bench = Bench(SequentialKV())
    for value in 0..<200 {
      try bench.write("x", value, from: "n1")
      try bench.write("y", value, from: "n2")
      #expect(try bench.read("x", from: "n1") == value)
    }
  }

  @Test func aClientThatWasSilentForLongStillMovesForwardOnly() throws {
    var bench = Bench(SequentialKV())
    try bench.write("x", 0)
    for value in 1..<200 { try bench.write("x", value) }
    var last = 0
    for _ in 0..<100 {
      let read = try bench.read("x", from: "late")
      #expect(read >= max(last, 199 - 31))
      last = read
    }
  }

  /// The history that Maelstrom's `doc/services.md` gives as legal: a write can be ordered before
  /// one that has long been seen by others, and so be lost.
  @Test func aWriteOfAnEarlierValueMayBeOrderedIntoThePast() throws {
    let finals = try (1...50).map { seed in
      var bench = Bench(SequentialKV(), seed: UInt64(seed))
      try bench.write("x", 1, from: "n1")
      try bench.write("y", 1, from: "n2")  // so that n2 knows of x
      #expect(try bench.ask(#"{"type":"cas","key":"x","from":1,"to":2}"#, from: "n2") == .compareAndSet)
      try bench.write("x", 1, from: "n1")
      return try bench.read("x", from: "n2")
    }
    #expect(Set(finals) == [1, 2])
  }

  @Test func aWriteThatChangesSomethingHappensOnTheNewestState() throws {
    for seed in 1...50 {
      var bench = Bench(SequentialKV(), seed: UInt64(seed))
      try bench.write("x", 1, from: "n1")
      try bench.write("x", 2, from: "n2")
      try bench.write("x", 3, from: "n1")
      #expect(try bench.ask(#"{"type":"cas","key":"x","from":3,"to":4}"#, from: "n1") == .compareAndSet)
      #expect(try bench.read("x", from: "n1") == 4)
    }
  }

  @Test func compareAndSetMayFailOnAStateOfThePast() throws {
    let codes = try (1...50).map { seed in
      var bench = Bench(SequentialKV(), seed: UInt64(seed))
      try bench.write("x", 1, from: "n1")
      try bench.write("x", 2, from: "n1")
      return bench.errorCode(#"{"type":"cas","key":"x","from":2,"to":3}"#, from: "n2")
    }
    #expect(Set(codes) == [nil, 20, 22])
  }

  @Test func anotherKeysWriteOrdersAClient() throws {
    for seed in 1...50 {
      var bench = Bench(SequentialKV(), seed: UInt64(seed))
      try bench.write("x", 1, from: "n1")
      try bench.write("x", 2, from: "n1")
      // n2's write is after both of them in the one order, and so are its reads from then on.
      try bench.write("y", 1, from: "n2")
      #expect(try bench.read("x", from: "n2") == 2)
    }
  }
}

struct LastWriterWinsKVTests {
  @Test func readsMayGoBackwardsAndWritesMayBeLostForAWhile() throws {
    var wentBackwards = false
    for seed in 1...20 {
      var bench = Bench(LastWriterWinsKV(), seed: UInt64(seed))
      try bench.write("x", 0)
      var last = 0
      for value in 1...50 {
        try bench.write("x", value)
        guard bench.errorCode(#"{"type":"read","key":"x"}"#) == nil else { continue }
        let read = try bench.read("x")
        if read < last { wentBackwards = true }
        last = read
      }
    }
    #expect(wentBackwards)
  }

  @Test func replicasAgreeOnceWritesEnd() throws {
    for seed in 1...20 {
      var bench = Bench(LastWriterWinsKV(replicas: 5), seed: UInt64(seed))
      for value in 1...20 { try bench.write("x", value) }
      for _ in 0..<300 { _ = bench.errorCode(#"{"type":"read","key":"x"}"#) }
      let reads = try (0..<50).map { _ in try bench.read("x") }
      #expect(Set(reads).count == 1)
    }
  }

  @Test func compareAndSetNeverCreatesAKey() {
    var bench = Bench(LastWriterWinsKV())
    #expect(bench.errorCode(#"{"type":"cas","key":"x","from":1,"to":2,"create_if_not_exists":true}"#) == 20)
  }
}

struct TimestampServiceTests {
  @Test func timestampsCountUpFromZero() throws {
    var bench = Bench(TimestampService())
    let stamps = try (0..<5).map { try bench.ask(#"{"type":"ts"}"#, from: "n\($0)") }
    #expect(stamps == (0..<5).map { .timestamp($0) })
    #expect(bench.errorCode(#"{"type":"read","key":"x"}"#) == 10)
  }
}
