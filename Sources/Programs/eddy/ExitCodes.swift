import ArgumentParser
import EddyCheckers
import EddyEventLoop

/// What the workbench exits with: Maelstrom's codes, and for a signal a shell's.
extension ExitCode {
  static let badArguments = ExitCode(254)
  /// The run could not be carried out: a node crashed, a file could not be written.
  static let notCarriedOut = ExitCode(255)

  /// 0 for a valid run, 1 for an invalid one, 2 when nobody knows.
  init(_ validity: Validity) { self.init(validity.exitCode) }

  /// The run was ended by this signal.
  init(interruptedBy signal: Signal) { self.init(128 + signal.rawValue) }
}
