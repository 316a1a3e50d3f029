import EddyCheckers
import EddyHistory
import EddyNode
import EddyRun
import EddySimulation
import EddyVirtualKernel
import EddyVirtualProcesses
import Foundation
import Testing

extension ProgramTests {
  /// Programs in many languages, unchanged, in virtual time: the nodes of `Examples/Nodes`.
  ///
  /// A node whose language is not installed, or that has not been built (`make -k -C Examples/Nodes`), is skipped.
  @Suite struct LanguageTests {
    struct Language: CustomTestStringConvertible, Sendable {
      var program: String
      /// What runs the program; nil if it runs by itself.
      var interpreter: String?

      var testDescription: String { program }

      var path: String { LanguageTests.folder + program }

      var isInstalled: Bool {
        let files = FileManager.default
        guard files.isExecutableFile(atPath: path) else { return false }
        // The script of the Java node runs what has been built.
        let classes = LanguageTests.folder + "build/java"
        guard interpreter != "java" || files.fileExists(atPath: classes) else { return false }
        let names = interpreter.map { [$0] } ?? []
        return names.allSatisfy { name in
          (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .contains { files.isExecutableFile(atPath: "\($0)/\(name)") }
        }
      }
    }

    static let folder =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path + "/Examples/Nodes/"

    static let all = [
      Language(program: "Python/threads.py", interpreter: "python3"),
      Language(program: "Python/coroutines.py", interpreter: "python3"),
      Language(program: "Ruby/node.rb", interpreter: "ruby"),
      Language(program: "JavaScript/node.js", interpreter: "node"),
      Language(program: "Java/node.sh", interpreter: "java"),
      Language(program: "build/go-static"), Language(program: "build/go-cgo"),
      Language(program: "build/rust"),
      Language(program: "build/c-epoll"), Language(program: "build/c-threads"),
    ]
    static let installed = all.filter(\.isInstalled)

    private func run(
      _ language: Language, _ workload: String, seed: UInt64 = 7, order: RunQueue.Order = .fair
    ) throws -> SimulationOutcome {
      var texts = ["workload": workload, "node-count": "3", "time-limit": "3", "rate": "10", "latency": "50"]
      texts["seed"] = String(seed)
      if workload == "broadcast" { texts["nemesis"] = "partition,pause,loss,duplicate" }
      let plan = try SimulationPlan(texts)
      let environment = NodeProgram.environment(inherited: ProcessInfo.processInfo.environment, given: [])
      var host: ProcessHost?
      defer { host?.end() }
      let outcome = plan.run { run, seed in
        let made = ProcessHost(
          NodeProgram(path: language.path, environment: environment) { _ throws(NodeProgram.CannotStart) in []
          },
          count: run.options.nodes.count, seed: seed, order: order)
        host = made
        return made
      }
      return try #require(outcome)
    }

    @Test func thoseThatAreNotInstalledAreNamed() {
      let missing = Self.all.filter { !$0.isInstalled }.map(\.program)
      if !missing.isEmpty {
        print("Not installed or not built, and not tested: \(missing.joined(separator: ", "))")
      }
      // Python is needed by other tests too.
      #expect(Self.installed.contains { $0.program == "Python/threads.py" })
    }

    @Test(arguments: installed) func theSameSeedGivesTheSameRun(_ language: Language) throws {
      let runs = [try run(language, "broadcast"), try run(language, "broadcast")]
      #expect(runs[0].failure == nil, "\(runs[0].failure.map { "\($0)" } ?? "")")
      #expect(runs[0].results.validity == .valid)
      #expect(runs[0].reproducibility?.description == "yes")
      #expect(runs[0].digest == runs[1].digest)
      #expect(runs[0].run.history.operations.count > 40)
      #expect(runs[0].log.map(\.text) == runs[1].log.map(\.text))
    }

    @Test(arguments: installed) func anotherSeedGivesAnotherRun(_ language: Language) throws {
      let echoes = [try run(language, "echo", seed: 1), try run(language, "echo", seed: 2, order: .random)]
      #expect(echoes.allSatisfy { $0.results.validity == .valid })
      #expect(echoes[0].digest != echoes[1].digest)
    }
  }
}
