package import EddyCheckers
package import EddyHistory
package import EddyNode
package import EddyTiming

/// An operation as a test writes it: what was asked, what came of it, and from when to when.
package struct Span {
  package var function: String
  package var argument: String?
  package var result: String?
  package var milliseconds: ClosedRange<Int>
  package var node: String
  /// How it ended; nil if it never did.
  package var outcome: Operation.Kind?
  package var error: OperationError?
  package var isFinal = false
}

/// An operation that succeeded unless told otherwise. Argument and result are JSON.
package func op(
  _ function: String, _ argument: String, result: String? = nil, _ milliseconds: ClosedRange<Int>,
  on node: String = "n0", _ outcome: Operation.Kind? = .ok, error: String? = nil
) -> Span {
  Span(
    function: function, argument: argument, result: result, milliseconds: milliseconds, node: node,
    outcome: outcome, error: error.map { OperationError(name: $0) })
}

/// An operation without an argument.
package func op(
  _ function: String, result: String? = nil, _ milliseconds: ClosedRange<Int>, on node: String = "n0",
  _ outcome: Operation.Kind? = .ok, error: String? = nil
) -> Span {
  Span(
    function: function, argument: nil, result: result, milliseconds: milliseconds, node: node,
    outcome: outcome, error: error.map { OperationError(name: $0) })
}

package func add(
  _ value: String, _ milliseconds: ClosedRange<Int>, on node: String = "n0", _ outcome: Operation.Kind? = .ok
) -> Span {
  op("add", value, milliseconds, on: node, outcome)
}

package func read(
  _ result: String, _ milliseconds: ClosedRange<Int>, on node: String = "n0", _ outcome: Operation.Kind? = .ok
) -> Span {
  op("read", result: result, milliseconds, on: node, outcome)
}

package func finalRead(_ result: String, _ milliseconds: ClosedRange<Int>, on node: String = "n0") -> Span {
  var span = read(result, milliseconds, on: node)
  span.isFinal = true
  return span
}

extension History {
  /// The history of some operations, each by a client of its own; what happens at one time happens
  /// in the order in which it is listed.
  package init(_ spans: Span...) { self.init(spans) }

  package init(_ spans: [Span]) {
    var entries: [Operation] = []
    for (client, span) in spans.enumerated() {
      var entry = Operation(
        time: span.milliseconds.lowerBound.ms, process: .client(client), kind: .invoke,
        function: span.function, value: span.argument?.json, isFinal: span.isFinal, node: span.node)
      entries.append(entry)
      guard let outcome = span.outcome else { continue }
      entry.time = span.milliseconds.upperBound.ms
      entry.kind = outcome
      entry.value = outcome == .ok ? span.result?.json ?? entry.value : entry.value
      entry.error = span.error
      entries.append(entry)
    }
    let inOrder = entries.enumerated().sorted { a, b in
      (a.element.time, a.offset) < (b.element.time, b.offset)
    }
    self.init(inOrder.map(\.element))
  }
}

extension Int {
  /// So many milliseconds after the start of the run.
  package var ms: Instant { Instant(nanoseconds: Int(self) * 1_000_000) }
}

extension String {
  /// The JSON value that this is the text of.
  package var json: RawJSON {
    guard let value = try? RawJSON(parsing: self) else { preconditionFailure("no JSON: \(self)") }
    return value
  }
}

extension CheckResult {
  /// The names of the anomalies found, each once, in their order.
  package var names: [String] {
    anomalies.map(\.name).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// All that is said of the anomalies' examples, on lines of their own.
  package var explanations: String {
    anomalies.flatMap(\.examples).map(\.explanation).joined(separator: "\n")
  }

  /// A detail as compact JSON.
  package func detail(_ key: String) -> String { details[key]?.description ?? "absent" }
}

extension Operation {
  /// Something that the nemesis does.
  package static func nemesis(_ function: String, _ time: Int, _ value: String? = nil) -> Operation {
    Operation(time: time.ms, process: .nemesis, kind: .info, function: function, value: value?.json)
  }
}
