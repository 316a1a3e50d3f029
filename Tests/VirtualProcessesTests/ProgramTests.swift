import Testing

/// The tests that run programs in virtual time, one after another: the tick and the namespace are the whole process's.
@Suite(.serialized) enum ProgramTests {}
