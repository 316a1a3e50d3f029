public import Node
import Timing

extension TestOptions {
  /// The options under the names of their flags, durations in the flags' units.
  public var json: JSONObject {
    var object: JSONObject = [
      "workload": .string(workload),
      "nodes": .array(nodes.map { .string($0) }),
      "concurrency": JSONValue(concurrency),
      "time-limit": JSONValue(timeLimit.milliseconds / 1000),
      "rate": JSONValue(rate),
      "latency": ["mean": JSONValue(latency.mean), "dist": .string(latency.distribution.rawValue)],
      "receivers": .string(receivers.rawValue),
      "topology": .string(topology.rawValue),
      "nemesis": .array(faults.map { .string($0.rawValue) }),
      "nemesis-interval": JSONValue(nemesisInterval.milliseconds / 1000),
      "partitions": .array(partitions.map { .string($0.rawValue) }),
      "max-txn-length": JSONValue(maxTxnLength),
      "max-writes-per-key": JSONValue(maxWritesPerKey),
      "consistency-models": .array(consistencyModels.map { .string($0.rawValue) }),
    ]
    if workload == KafkaWorkload.name { object["kafka-start"] = .string(kafkaStart.rawValue) }
    object["liveness"] = livenessBound.map { JSONValue($0.milliseconds / 1000) }
    object["key-count"] = keyCount.map { JSONValue($0) }
    switch availability {
    case .total: object["availability"] = "total"
    case .fraction(let fraction): object["availability"] = JSONValue(fraction)
    case nil: break
    }
    // As text: it takes 64 unsigned bits, which many readers of JSON would round.
    object["seed"] = .string(String(seed))
    return object
  }
}
