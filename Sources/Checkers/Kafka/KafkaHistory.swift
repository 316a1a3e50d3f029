import EddyHistory
import EddyNode

/// A history of kafka clients, with keys and messages numbered.
///
/// A *record* is a key with a message. It is sent at most once and may be polled many times.
struct KafkaHistory {
  /// A record in a send or a poll, with its offset if known.
  struct Sighting {
    var record: Int
    var offset: Int?
  }

  /// One operation of a client, from its invocation to its completion.
  struct ClientOperation {
    enum Function {
      case send, poll, txn
      case assign(keys: [Int])
      case other
    }

    /// The index in the history of its completion, or of its invocation if it never completed.
    var index: Int
    /// The index in the history of its invocation.
    var invocation: Int
    var process: Operation.Process
    /// `ok`, `fail` or `info`.
    var outcome: Operation.Kind
    var function: Function
    /// The records sent, in order.
    var writes: [Sighting] = []
    /// The records polled, by key, in order.
    var reads: [(key: Int, sightings: [Sighting])] = []

    /// Whether it sends or polls.
    var accessesLogs: Bool {
      switch function {
      case .send, .poll, .txn: true
      case .assign, .other: false
      }
    }
  }

  /// The operations, in the order of their completions.
  private(set) var operations: [ClientOperation] = []
  private(set) var keys: [String] = []
  /// By record: its key and its message.
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
    for entry in history.clientOperations {
      if entry.kind != .invoke {
        append(entry, invocation: history.invocation(of: entry) ?? entry, entry.kind)
      } else if history.completion(of: entry) == nil {
        append(entry, invocation: entry, .info)
      }
    }
  }

  private mutating func append(_ entry: Operation, invocation: Operation, _ outcome: Operation.Kind) {
    var operation = ClientOperation(
      index: entry.index, invocation: invocation.index, process: entry.process, outcome: outcome,
      function: function(of: entry))
    if operation.accessesLogs {
      var indices: [Int: Int] = [:]
      for part in KafkaMicroOperation.list(entry.value) { add(part, to: &operation, &indices) }
    }
    operations.append(operation)
  }

  private mutating func function(of entry: Operation) -> ClientOperation.Function {
    switch entry.function {
    case "send": return .send
    case "poll": return .poll
    case "txn": return .txn
    case "assign", "subscribe":
      var reader = entry.value?.reader ?? JSONReader([])
      let names = (try? [String](reading: &reader)) ?? []
      return .assign(keys: names.map { number(ofKey: $0) })
    default: return .other
    }
  }

  /// - Parameter indices: By key: its index in the operation's reads. A final poll may have thousands of
  ///   keys.
  private mutating func add(
    _ part: KafkaMicroOperation, to operation: inout ClientOperation, _ indices: inout [Int: Int]
  ) {
    switch part {
    case .send(let name, let record):
      let key = number(ofKey: name)
      operation.writes.append(sighting(record, of: key))
    case .poll(let lists):
      for (name, records) in lists {
        let key = number(ofKey: name)
        let sightings = records.map { sighting($0, of: key) }
        if let index = indices[key] {
          operation.reads[index].sightings += sightings
        } else {
          indices[key] = operation.reads.count
          operation.reads.append((key, sightings))
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
