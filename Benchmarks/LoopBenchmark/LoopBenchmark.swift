import EddyDaemon
import EddyEventLoop
import EddyTiming

/// Measures from within what a process cannot be measured for from outside; `bench.py` runs it.
///
/// Prints one result a line, `NAME\tSIZE\tNANOSECONDS`, the size empty where there is none. Given the argument
/// `ping`, it is one of two daemons that send a message to and fro instead.
@main
struct LoopBenchmark {
  static func main() throws {
    if CommandLine.arguments.dropFirst().first == "ping" { Daemon.run(Ping()) }
    try measureLoop()
    measureTimerQueue()
    measurePeers()
    measureValues()
  }
}

/// The sizes at which a cost is measured that must not grow with them.
let sizes = [10, 100, 1_000, 10_000, 100_000]

/// Runs `body`, which does something `count` times, and prints the median of a few runs.
func report(_ name: String, size: Int? = nil, count: Int, runs: Int = 5, _ body: () throws -> Void) rethrows {
  var durations: [Int] = []
  for _ in 0..<runs {
    let start = System.monotonicNow
    try body()
    durations.append((System.monotonicNow - start).nanoseconds)
  }
  durations.sort()
  print(name, size.map(String.init) ?? "", Double(durations[runs / 2]) / Double(count), separator: "\t")
}
