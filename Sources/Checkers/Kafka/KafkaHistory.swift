import EddyHistory
import EddyNode

/// A history of kafka clients, its keys and messages numbered.
///
/// A *record* is a message of a key: what was sent at most once, and may be polled often.
struct KafkaHistory {
  /// A record, and the offset it was seen at, if that is known.
  struct Sighting {
    var record: Int
    var offset: Int?
  }

  /// What one process did, from its invocation to its completion.
  struct Step {
    enum Function {
      case send, poll, txn
      case assign(keys: [Int])
      case other
    }

    /// The history's entry that says how it ended: the completion, or the invocation if there is none.
    var index: Int
    var invocation: Int
    var process: Operation.Process
    /// `ok`, `fail` or `info`.
    var outcome: Operation.Kind
    var function: Function
    /// What it sent, in order.
    var writes: [Sighting] = []
    /// What it polled, in order, by key.
    var reads: [(key: Int, sightings: [Sighting])] = []

    var isData: Bool {
      switch function {
      case .send, .poll, .txn: true
      case .assign, .other: false
      }
    }
  }

  /// In the order in which they ended.
  private(set) var steps: [Step] = []
  private(set) var keys: [String] = []
  /// Each record's key and message.
  private(set) var records: [(key: Int, message: RawJSON)] = []

  private struct RecordName: Hashable {
    var key: Int
    var message: Int
  }

  private var keyNumbers: [String: Int] = [:]
  private var messages = JSONInterner()
  private var recordNumbers: [RecordName: Int] = [:]

  /// - Complexity: O(n) in the size of the history.
  init(_ history: History) {
    for operation in history.clientOperations {
      if operation.kind != .invoke {
        append(operation, invocation: history.invocation(of: operation) ?? operation, operation.kind)
      } else if history.completion(of: operation) == nil {
        append(operation, invocation: operation, .info)
      }
    }
  }

  private mutating func append(_ operation: Operation, invocation: Operation, _ outcome: Operation.Kind) {
    var step = Step(
      index: operation.index, invocation: invocation.index, process: operation.process, outcome: outcome,
      function: function(of: operation))
    if step.isData {
      var places: [Int: Int] = [:]
      for part in KafkaMicroOperation.list(operation.value) { add(part, to: &step, &places) }
    }
    steps.append(step)
  }

  private mutating func function(of operation: Operation) -> Step.Function {
    switch operation.function {
    case "send": return .send
    case "poll": return .poll
    case "txn": return .txn
    case "assign", "subscribe":
      var reader = operation.value?.reader ?? JSONReader([])
      let names = (try? [String](reading: &reader)) ?? []
      return .assign(keys: names.map { number(ofKey: $0) })
    default: return .other
    }
  }

  /// - Parameter places: Where in the step's reads each key is: a final poll may have thousands of them.
  private mutating func add(
    _ part: KafkaMicroOperation, to step: inout Step, _ places: inout [Int: Int]
  ) {
    switch part {
    case .send(let name, let record):
      let key = number(ofKey: name)
      step.writes.append(sighting(record, of: key))
    case .poll(let lists):
      for (name, records) in lists {
        let key = number(ofKey: name)
        let sightings = records.map { sighting($0, of: key) }
        if let place = places[key] {
          step.reads[place].sightings += sightings
        } else {
          places[key] = step.reads.count
          step.reads.append((key, sightings))
        }
      }
    }
  }

  private mutating func number(ofKey name: String) -> Int {
    if let number = keyNumbers[name] { return number }
    keyNumbers[name] = keys.count
    keys.append(name)
    return keys.count - 1
  }

  private mutating func sighting(_ record: KafkaMicroOperation.Record, of key: Int) -> Sighting {
    let name = RecordName(key: key, message: messages.id(of: record.message))
    let number = recordNumbers[name] ?? records.count
    if number == records.count {
      recordNumbers[name] = number
      records.append((key, record.message))
    }
    return Sighting(record: number, offset: record.offset)
  }
}
