import EddyCheckers
import EddyNetwork
import EddyNode
import EddyRun

extension OptionFormat<String> {
  /// The name of a workload.
  static var workload: Self {
    Self(
      valueName: "name", choices: WorkloadRegistry.names,
      parse: { (text) throws(OptionError) in
        let names = WorkloadRegistry.names
        guard names.contains(text) else {
          throw OptionError("must be one of \(names.joined(separator: ", "))")
        }
        return text
      }, print: { $0 })
  }

  /// The name of a node: usable as a file name, and not the name of a client or service.
  static var nodeName: Self {
    Self(
      valueName: "name",
      parse: { (text) throws(OptionError) in
        guard text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_.\-]*/) != nil else {
          throw OptionError(
            "must be names of letters, digits, _ . and - that begin with a letter or a digit; \"\(text)\" is not"
          )
        }
        guard text.wholeMatch(of: /c\d+/) == nil else {
          throw OptionError("must not be a client's name, as \(text) is")
        }
        let services = [LinearizableKV.name, SequentialKV.name, LastWriterWinsKV.name, TimestampService.name]
        guard !services.contains(text) else {
          throw OptionError("must not be a service's name, as \(text) is")
        }
        return text
      }, print: { $0 })
  }
}

extension OptionFormat<[String]> {
  /// Distinct names of nodes, separated by commas.
  static var nodeNames: Self {
    var format = list(of: .nodeName, "names")
    format.parse = { [parse = format.parse] (text) throws(OptionError) in
      let names = try parse(text)
      var seen: Set<String> = []
      for name in names where !seen.insert(name).inserted { throw OptionError("must not name \(name) twice") }
      return names
    }
    return format
  }
}

extension OptionFormat<Availability> {
  /// A fraction, or `total`.
  static var availability: Self {
    Self(
      valueName: "fraction", notation: .number,
      parse: { (text) throws(OptionError) in
        if text == "total" { return .total }
        guard let fraction = Double(text), (0...1).contains(fraction) else {
          throw OptionError("must be a number from 0 to 1, or total")
        }
        return .fraction(fraction)
      },
      print: { availability in
        switch availability {
        case .total: "total"
        case .fraction(let fraction): String(fraction)
        }
      })
  }
}

extension OptionFormat<Set<Int>> {
  /// Non-negative numbers and ranges of them, separated by commas: `0-17,20`.
  static var numbers: Self {
    Self(
      valueName: "numbers",
      parse: { (text) throws(OptionError) in
        var numbers: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
          let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map {
            Int($0)
          }
          guard let first = ends[0], let last = ends[ends.count - 1], 0 <= first, first <= last else {
            throw OptionError("must be numbers and ranges of numbers, such as 0-17,20")
          }
          guard last - first < 10_000_000 else {
            throw OptionError("must not name more than 10000000 numbers")
          }
          numbers.formUnion(first...last)
        }
        return numbers
      },
      print: { numbers in
        guard !numbers.isEmpty else { return nil }
        return ranges(numbers).map {
          $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }
        .joined(separator: ",")
      })
  }

  /// The numbers as disjoint ranges, ascending. O(n log n).
  private static func ranges(_ numbers: Set<Int>) -> [ClosedRange<Int>] {
    var ranges: [ClosedRange<Int>] = []
    for number in numbers.sorted() {
      if let last = ranges.last, last.upperBound + 1 == number {
        ranges[ranges.count - 1] = last.lowerBound...number
      } else {
        ranges.append(number...number)
      }
    }
    return ranges
  }
}
