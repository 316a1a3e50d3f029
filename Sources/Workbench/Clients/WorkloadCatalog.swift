/// The client workloads by the names given to `--workload`.
public enum WorkloadCatalog {
  private static var all: [any ClientWorkload.Type] {
    [
      BroadcastWorkload.self, EchoWorkload.self, GCounterWorkload.self, GSetWorkload.self, KafkaWorkload.self,
      PNCounterWorkload.self, TxnRWRegisterWorkload.self, UniqueIDsWorkload.self,
    ]
  }

  /// All names, in alphabetical order.
  public static var names: [String] { all.map { $0.name }.sorted() }

  /// The workload of a run that names none: Maelstrom's default if it is among them.
  public static var standard: String { names.contains("lin-kv") ? "lin-kv" : "echo" }

  /// The workload of that name, or nil if there is none.
  public static func workload(_ options: TestOptions) -> (any ClientWorkload)? {
    all.first { $0.name == options.workload }?.init(options)
  }
}
