import EddyEventLoop
import Testing

@Suite struct LineSplitterTests {
  /// What a splitter makes of chunks followed by the end of input: lines as text, overlong
  /// ones as their length.
  private func lines(_ chunks: [String], maximumLength: Int = 100) throws -> [String] {
    var splitter = LineSplitter(maximumLength: maximumLength)
    var result: [String] = []
    func note(_ line: LineSplitter.Line) {
      switch line {
      case .complete(let bytes): result.append(String(decoding: bytes, as: UTF8.self))
      case .overlong(let length): result.append("<\(length)>")
      }
    }
    for chunk in chunks {
      _ = try splitter.fill { (room) throws(Errno) in
        room.copyBytes(from: chunk.utf8)
        return chunk.utf8.count
      }
      while let line = splitter.next() { note(line) }
    }
    if let line = splitter.finish() { note(line) }
    return result
  }

  @Test func linesAreSplitAtNewlines() throws {
    #expect(try lines(["one\ntwo\n"]) == ["one", "two"])
  }

  @Test func anEmptyLineIsALine() throws {
    #expect(try lines(["\n\na\n\n"]) == ["", "", "a", ""])
  }

  @Test func aLastLineWithoutANewlineCounts() throws {
    #expect(try lines(["one\ntwo"]) == ["one", "two"])
    #expect(try lines([]) == [])
  }

  @Test func aCarriageReturnStays() throws {
    #expect(try lines(["one\r\n"]) == ["one\r"])
  }

  /// Every way to cut a text into three chunks.
  @Test func cutsBetweenReadsDoNotShow() throws {
    let text = "ab\n\ncd\nefgh\nlast"
    for first in 0...text.count {
      for second in first...text.count {
        let chunks = [text.prefix(first), text.prefix(second).dropFirst(first), text.dropFirst(second)]
        #expect(try lines(chunks.map(String.init)) == ["ab", "", "cd", "efgh", "last"])
      }
    }
  }

  @Test func aLineOfTheMaximumLengthIsKept() throws {
    #expect(try lines(["abcd\nef\n"], maximumLength: 4) == ["abcd", "ef"])
  }

  /// Every way to cut a text with overlong lines into three chunks.
  @Test func overlongLinesAreDroppedWithTheirLength() throws {
    let text = "abcde\nab\nabcdefgh\nabcd\nlast one"
    for first in 0...text.count {
      for second in first...text.count {
        let chunks = [text.prefix(first), text.prefix(second).dropFirst(first), text.dropFirst(second)]
        #expect(
          try lines(chunks.map(String.init), maximumLength: 4) == ["<5>", "ab", "<8>", "abcd", "<8>"])
      }
    }
  }

  @Test func memoryHoldsTheLongestLineAndShrinksAgain() throws {
    var splitter = LineSplitter(maximumLength: 4 << 20)
    let initial = splitter.capacity
    func fill(_ byte: UInt8, _ count: Int) throws {
      var rest = count
      while rest > 0 {
        _ = try splitter.fill { (room) throws(Errno) in
          let part = min(rest, room.count)
          room.prefix(part).initializeMemory(as: UInt8.self, repeating: byte)
          rest -= part
          return part
        }
        #expect(splitter.next() == nil)
      }
    }
    func fillNewline() throws {
      _ = try splitter.fill { (room) throws(Errno) in
        room[0] = 0x0A
        return 1
      }
    }
    try fill(0x61, 3 << 20)
    #expect(splitter.capacity > 3 << 20)
    try fillNewline()
    guard case .complete(let line) = splitter.next() else {
      Issue.record("the long line is missing")
      return
    }
    #expect(line.count == 3 << 20)
    try fillNewline()
    #expect(splitter.capacity == initial)
  }

  @Test func anEndlessLineTakesBoundedMemory() throws {
    var splitter = LineSplitter(maximumLength: 1 << 20)
    for _ in 0..<1000 {
      _ = try splitter.fill { (room) throws(Errno) in
        room.prefix(65536).initializeMemory(as: UInt8.self, repeating: 0x61)
        return 65536
      }
      _ = splitter.next()
    }
    #expect(splitter.capacity <= 4 << 20)
    guard case .overlong(let length) = splitter.finish() else {
      Issue.record("the line was not reported")
      return
    }
    #expect(length == 65_536_000)
  }
}
