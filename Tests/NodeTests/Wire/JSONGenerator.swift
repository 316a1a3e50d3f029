/// Draws JSON texts, and texts that almost are JSON, from a seed.
struct JSONGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  private mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  private mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }

  // MARK: Valid texts

  /// One valid value, white space round its tokens included.
  mutating func text(depth: Int) -> [UInt8] { space() + value(depth: depth) + space() }

  private mutating func value(depth: Int) -> [UInt8] {
    switch below(depth > 0 ? 9 : 6) {
    case 0: return Array(pick(["null", "true", "false"]).utf8)
    case 1, 2, 3: return number()
    case 4, 5: return string()
    case 6: return members("[", "]") { $0.value(depth: depth - 1) }
    default: return members("{", "}") { $0.member(depth: depth - 1) }
    }
  }

  private mutating func member(depth: Int) -> [UInt8] {
    string() + space() + Array(":".utf8) + space() + value(depth: depth)
  }

  private mutating func members(
    _ open: String, _ close: String, _ member: (inout JSONGenerator) -> [UInt8]
  ) -> [UInt8] {
    var text = Array(open.utf8) + space()
    for index in 0..<below(5) {
      if index > 0 { text += Array(",".utf8) + space() }
      text += member(&self) + space()
    }
    return text + Array(close.utf8)
  }

  private mutating func space() -> [UInt8] {
    below(4) > 0 ? [] : (0..<below(4)).map { _ in pick([0x20, 0x09, 0x0A, 0x0D]) }
  }

  private mutating func number() -> [UInt8] {
    if below(3) == 0 { return Array(pick(Self.interestingNumbers).utf8) }
    var text = below(3) == 0 ? "-" : ""
    text += below(4) == 0 ? "0" : String(next() >> UInt64(1 + below(63)))
    if below(3) == 0 { text += "." + digits() }
    if below(4) == 0 { text += pick(["e", "E"]) + pick(["", "+", "-"]) + String(below(30)) }
    return Array(text.utf8)
  }

  private mutating func digits() -> String { (0...below(12)).map { _ in String(below(10)) }.joined() }

  private static let interestingNumbers = [
    "0", "-0", "1", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775806",
    "9007199254740993",
    "1e2", "1.0", "-0.0", "0e0", "1E-5", "2147483648", "4294967296", "1.7976931348623157e308",
    "2.2250738585072014e-308",
    "123456789.125", "1e22", "1e23",
  ]

  private mutating func string() -> [UInt8] {
    let count = below(3) == 0 ? below(40) : below(9)
    return Array("\"".utf8) + (0..<count).flatMap { _ in character() } + Array("\"".utf8)
  }

  private mutating func character() -> [UInt8] {
    switch below(12) {
    case 0: Array(pick([#"\""#, #"\\"#, #"\/"#, #"\b"#, #"\f"#, #"\n"#, #"\r"#, #"\t"#]).utf8)
    case 1: Array(pick([#"\u0041"#, #"\u00e9"#, #"\u2603"#, #"\uD83D\ude00"#, #"\u0000"#, #"\uFFFF"#]).utf8)
    case 2:
      Array(
        pick(["é", "ß", "☃", "😀", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{FFFF}", "\u{10FFFF}"]).utf8)
    default: [pick(Array("abcxyz019 ,:[]{}'-+.eE/".utf8))]
    }
  }

  // MARK: Mutated texts

  /// The text with one to three small injuries, each of which may leave it valid.
  mutating func mutated(_ text: [UInt8]) -> [UInt8] {
    var text = text
    for _ in 0...below(3) {
      let position = below(text.count + 1)
      switch below(6) {
      case 0: text.insert(UInt8(truncatingIfNeeded: next()), at: position)
      case 1: text.insert(contentsOf: pick(Self.tokens), at: position)
      case 2 where position < text.count: text[position] ^= 1 << UInt8(below(8))
      case 3 where position < text.count: text.remove(at: position)
      case 4: text.removeSubrange(position...)
      case 5: text.insert(contentsOf: text[..<position].suffix(below(6)), at: position)
      default: break
      }
    }
    return text
  }

  private static let tokens: [[UInt8]] =
    [
      ",", ":", "[", "]", "{", "}", "\"", "\\", "0", "-", "+", ".", "e", "E5", "1e", "00", " ", "\n", "\t",
      "\\u", "\\u12",
      "\\uD800", "\\uDC00", "\\ud83d\\ude00", "true", "nul", "null", "é", "\u{FEFF}", "\u{0}",
      "99999999999999999999",
    ].map { Array($0.utf8) } + [
      [0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x98],
    ]
}
