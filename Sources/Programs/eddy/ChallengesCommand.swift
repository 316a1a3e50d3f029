import ArgumentParser
import EddyStore

/// Tells what the challenges' runs came to.
struct ChallengesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "challenges",
    abstract: "Shows what runs of the challenges came to, beside their limits.",
    discussion: """
      Each run is looked for in the directory's entry of the challenge's name, such as \
      store/challenges/broadcast-3d, where `make maelstrom-all` has links to them. They may be Eddy's runs or \
      Maelstrom's. The exit code is 0 if all of them were run, are valid and keep their limits, 1 if not.
      """)

  @Argument(help: "Where the runs are.")
  var directory = "store/challenges"

  func run() throws {
    let table = ChallengeTable(
      try Challenge.all.map { challenge in
        let results = try StoredResults.read("\(directory)/\(challenge.name)")
        return .init(challenge, results.map(RunFigures.init))
      })
    Console().report(String(table.text.dropLast()))
    if !table.isSolved { throw ExitCode(1) }
  }
}
