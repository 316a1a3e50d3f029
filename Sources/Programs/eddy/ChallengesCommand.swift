import ArgumentParser
import EddyStore

/// Prints the table of the challenges' runs.
struct ChallengesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "challenges",
    abstract: "Shows the figures of the challenges' runs beside their limits.",
    discussion: """
      Each run is expected in the directory under the challenge's name, such as store/challenges/broadcast-3d. \
      'make maelstrom-all' makes these links. The runs may be Eddy's or Maelstrom's. The exit code is 0 if all \
      challenges were run, are valid and meet their limits, and 1 otherwise.
      """)

  @Argument(help: "The directory of the runs.")
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
