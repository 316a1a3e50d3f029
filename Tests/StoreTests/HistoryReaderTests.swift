import EddyCheckers
import EddyHistory
import EddyNode
import EddyRun
import EddyStore
import EddyTiming
import Foundation
import Testing

@Suite final class HistoryReaderTests {
  private let path = FileManager.default.temporaryDirectory.appending(path: "eddy-\(UUID().uuidString)").path

  deinit { try? FileManager.default.removeItem(atPath: path) }

  private func read(_ bytes: some Sequence<UInt8>) throws -> HistoryReader {
    try Data(bytes).write(to: URL(filePath: path))
    return try HistoryReader(path: path)
  }

  private func read(_ text: String) throws -> HistoryReader { try read(text.utf8) }

  private func message(_ text: String) -> String {
    do {
      _ = try read(text)
      return ""
    } catch { return "\(error)".replacing(path, with: "PATH") }
  }

  private static let edn = """
    {:index 0, :time 5, :type :invoke, :process 0, :f :add, :value 7}
    {:index 1, :time 6, :type :info, :process :nemesis, :f :start-partition, :value [:isolated {"n1" #{"n0"}}]}
    {:index 2, :time 7, :type :ok, :process 0, :f :add, :value 7, :final? true}

    """
  private static let json = """
    {"index":0,"time":5,"process":0,"type":"invoke","f":"add","value":7}
    {"index":1,"time":6,"process":"nemesis","type":"info","f":"start-partition","value":["isolated",{"n1":["n0"]}]}
    {"index":2,"time":7,"process":0,"type":"ok","f":"add","value":7,"final?":true}

    """

  @Test func bothNotationsSayTheSame() throws {
    let (edn, json) = (try read(Self.edn), try read(Self.json))
    #expect(HistoryFile.encode(edn.history) == HistoryFile.encode(json.history))
    #expect(String(decoding: HistoryFile.encode(edn.history), as: UTF8.self) == Self.json)
    #expect(edn.warnings.isEmpty && json.warnings.isEmpty)
  }

  @Test(arguments: [edn, json])
  func howOperationsAreLaidOutDoesNotMatter(text: String) throws {
    let expected = HistoryFile.encode(try read(text).history)
    let lines = text.split(separator: "\n")
    let layouts = [
      "[" + lines.joined(separator: ",\n") + "]", "(" + lines.joined(separator: " ") + ")\n",
      lines.joined(), lines.joined(separator: "\n\n\n"),
      lines.map { $0.replacing(", ", with: ",\n  ") }.joined(separator: "\n"),
      "; a comment {\n" + lines.joined(separator: "\r\n"),
      lines.map { $0.hasPrefix("{:") ? "#jepsen.history.Op\($0)" : "\($0)" }.joined(separator: "\n"),
    ]
    for layout in layouts { #expect(HistoryFile.encode(try read(layout).history) == expected, "\(layout)") }
  }

  @Test(arguments: [
    ("nil", "null"), ("1208925819614629174706179N", "1208925819614629174706179"), ("-3", "-3"), ("+3", "3"),
    ("1.0", "1.0"), ("1.5M", "1.5"), ("1/4", "0.25"), (#""a\"\\\n\u00e4b""#, #""a\"\\\näb""#),
    (":kw", #""kw""#),
    (#"[[:r 9 nil] [:w "k" {:a [1 (2 #{3})]}]]"#, #"[["r",9,null],["w","k",{"a":[1,[2,[3]]]}]]"#),
    (#"[[:send "6" [0 1]]]"#, #"[["send","6",[0,1]]]"#),
    (#"[[:poll {"6" [[0 1]], 7 []}]]"#, #"[["poll",{"6":[[0,1]],"7":[]}]]"#),
    ("#inst \"2026-11-23\"", "\"2026-11-23\""), (#"\a"#, #""a""#), (#"\newline"#, #""\n""#),
    ("nan", #""nan""#), ("##NaN", "\"##NaN\""),
  ])
  func valuesOfEveryKindAreKept(edn: String, json: String) throws {
    let history = try read("{:type :invoke, :process 1, :f :x, :value \(edn)}").history
    #expect(history.operations[0].value?.description == json)
  }

  @Test(
    arguments: [
      (":net-timeout", "net-timeout", nil), (#"[:crash "no \"x\""]"#, "crash", #"no "x""#),
      (#""indeterminate: it broke: here""#, "indeterminate", "it broke: here"),
      (#""two words""#, "error", "two words"), ("[:abort {:a 1} 2]", "abort", #"{"a":1} 2"#),
      ("{:type :x}", "error", #"{"type":"x"}"#), ("20", "error", "20"),
    ] as [(String, String, String?)])
  func errorsOfEveryShapeAreKept(edn: String, name: String, text: String?) throws {
    let history = try read("{:type :info, :process 1, :f :x, :value nil, :error \(edn)}").history
    #expect(history.operations[0].error == OperationError(name: name, text: text))
  }

  @Test func whatIsLeftOutIsFilledIn() throws {
    let history = try read("{:type :invoke, :process 1, :f :x}{:type :ok, :process 1, :f :x, :time 9}")
      .history
    #expect(history.operations.map(\.index) == [0, 1])
    #expect(history.operations.map(\.time.nanoseconds) == [0, 9])
    #expect(history.completion(of: history.operations[0])?.index == 1)
  }

  @Test func entriesThatAreNumberedOtherwiseAreNumberedAnewWithAWarning() throws {
    let reader = try read("{:index 4, :type :invoke, :process 1, :f :x}")
    #expect(reader.history.operations[0].index == 0)
    #expect(reader.warnings.count == 1)
  }

  @Test(arguments: [
    ("hello\n", "PATH, line 1: an operation is expected: a map"),
    ("[[{:process 0, :type :ok, :f :x}]]", "PATH, line 1: an operation is expected: a map"),
    ("[[", "PATH, line 1: an operation is expected: a map"),
    ("{:process 0, :type :ok, :f :x}]", "PATH, line 1: an operation is expected: a map"),
    (
      "{:process 0, :type :ok, :f :x, :time 9223372036854775807}",
      "PATH, line 1: the time 9223372036854775807 ns is more than 36 years from the origin"
    ),
    ("{:process 0, :type :ok, :f :x, :time -1}", #"PATH, line 1: a negative "time""#),
    ("\n\n{:index 0}\n", #"PATH, line 3: no "process""#),
    ("{:process 0, :type :maybe, :f :x}", #"PATH, line 1: unknown "type""#),
    ("{:process -1, :type :ok, :f :x}", #"PATH, line 1: a negative "process""#),
    ("{:process 0, :type :ok, :f :x]}", "PATH, line 1: the wrong bracket is closed at byte 29"),
    (
      "{:process 0, :type :invoke, :f :x}\n{:process 0, :ty\n{:process 1, :type :ok, :f :x}\n",
      "PATH, line 2: the operation is not complete"
    ),
    (
      "{:process 0, :type :invoke, :f :x}\n{:process 0, :type :invoke, :f :x}\n",
      "PATH, line 2: the process has not completed its last operation"
    ),
    (
      "{:process 0, :type :invoke, :f :x}\n{:process 0, :type :ok, :f :y}\n",
      "PATH, line 2: the process completes y, but has invoked x"
    ),
    ("{:process 0, :ty", "PATH, line 1: the first operation is not complete"),
    ("{:process 99999999999999999999, :type :ok, :f :x}", "PATH, line 1: "),
    (
      "{:process 0, :type :ok, :f :x, :value \(String(repeating: "[", count: 10_000))\(String(repeating: "]", count: 10_000))}",
      "PATH, line 1: the nesting is too deep at byte "
    ),
  ])
  func damageIsNamedByFileLineAndReason(text: String, expected: String) {
    #expect(message(text).hasPrefix(expected), "\(message(text))")
  }

  @Test(arguments: [edn, json])
  func aHistoryThatIsCutAnywhereIsReadAsFarAsItGoes(text: String) throws {
    let whole = try read(text).history
    let ends = text.indices.filter { text[$0] == "\n" }
    for length in ends[0].utf16Offset(in: text)..<text.utf8.count {
      let reader = try read(text.utf8.prefix(length))
      let count = ends.count { $0.utf16Offset(in: text) <= length }
      #expect(reader.history.operations.count == count)
      #expect(reader.history.operations.map(\.value) == whole.operations.prefix(count).map(\.value))
      let isCut = length > 0 && !ends.contains { [0, 1].contains(length - $0.utf16Offset(in: text)) }
      #expect(reader.warnings.isEmpty != isCut)
    }
  }

  /// Puts a number that is near a limit in a number's place.
  private static func replacingANumber(of bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    let text = String(decoding: bytes, as: UTF8.self)
    let numbers = text.ranges(of: /[0-9]+/)
    let limits = [
      "9223372036854775807", "-9223372036854775808", "4611686018427387904", "1152921504606846976",
      "-1152921504606846976", "9007199254740993", "99999999999999999999999", "0",
    ]
    var changed = text
    changed.replaceSubrange(numbers[random.below(numbers.count)], with: limits[random.below(limits.count)])
    return Array(changed.utf8)
  }

  /// Times at either end, whose differences are taken.
  @Test(arguments: ["9223372036854775807", "-9223372036854775808", "1152921504606846976", "-1", "0"])
  func noTimesOfAFileAreATrap(limit: String) throws {
    for (function, value) in [("broadcast", "7"), ("add", "7"), ("read", "[8]"), ("generate", "1")] {
      for other in ["0", "-9223372036854775808", "1152921504606846976"] {
        let text = [limit, other, limit, other].enumerated().map { place, time in
          let type = place % 2 == 0 ? "invoke" : "ok"
          return "{:type :\(type), :process \(place / 2), :time \(time), :f :\(function), :value \(value)}"
        }
        guard let reader = try? read(text.joined(separator: "\n")) else { continue }
        try judge(reader.history)
      }
    }
  }

  /// Has every workload's checker judge a history.
  private func judge(_ history: History) throws {
    for name in WorkloadRegistry.names {
      let workload = try #require(WorkloadRegistry.workload(TestOptions(workload: name, nodes: ["n0"])))
      _ = workload.checker.check(history)
    }
  }

  @Test func noFileWhateverIsInItIsATrap() throws {
    var random = SeededGenerator(seed: 7)
    let seeds = [Self.edn, Self.json].map { Array($0.utf8) }
    for _ in 0..<2000 {
      var bytes = seeds[random.below(2)]
      if random.below(4) == 0 { bytes = Self.replacingANumber(of: bytes, &random) }
      for _ in 0..<random.below(4) {
        let place = random.below(bytes.count)
        switch random.below(3) {
        case 0: bytes[place] = UInt8(random.below(256))
        case 1: bytes.remove(at: place)
        default: bytes.insert(seeds[random.below(2)][random.below(200)], at: place)
        }
      }
      guard let history = try? read(bytes).history else { continue }
      try judge(history)
    }
  }
}
