import ArgumentParser
import EddyCheckers
import EddyEventLoop

/// The exit codes of the workbench: Maelstrom's, and for a signal the shell's.
extension ExitCode {
  static let badArguments = ExitCode(254)
  /// The run could not be carried out: a node crashed, a file could not be written.
  static let notCarriedOut = ExitCode(255)

  /// 0 for a valid run, 1 for an invalid one, 2 if the validity is unknown.
  init(_ validity: Validity) { self.init(validity.exitCode) }

  /// The code of a run that was interrupted by a signal.
  init(interruptedBy signal: Signal) { self.init(128 + signal.rawValue) }
}
