/// The workloads by their names for `--workload`.
public enum WorkloadRegistry {
  private static var all: [any Workload.Type] {
    [
      BroadcastWorkload.self, EchoWorkload.self, GCounterWorkload.self, GSetWorkload.self, KafkaWorkload.self,
      LinKVWorkload.self, PNCounterWorkload.self, TxnListAppendWorkload.self, TxnRWRegisterWorkload.self,
      UniqueIDsWorkload.self,
    ]
  }

  /// All names, sorted.
  public static var names: [String] { all.map { $0.name }.sorted() }

  /// The default workload, which is Maelstrom's.
  public static var standard: String { LinKVWorkload.name }

  /// Creates the workload named by the options; nil if there is none.
  public static func workload(_ options: TestOptions) -> (any Workload)? {
    all.first { $0.name == options.workload }?.init(options)
  }

  /// The functions of a workload's operations, as Maelstrom and Jepsen name them; empty for an unknown
  /// workload.
  public static func functions(of workload: String) -> [String] {
    switch workload {
    case "broadcast": ["broadcast", "read"]
    case "echo": ["echo"]
    case "g-set", "g-counter", "pn-counter": ["add", "read"]
    case "kafka": ["send", "poll", "txn", "assign", "subscribe", "crash", "debug-topic-partitions"]
    case "lin-kv": ["read", "write", "cas"]
    case "txn-list-append", "txn-rw-register": ["txn"]
    case "unique-ids": ["generate"]
    default: []
    }
  }
}
