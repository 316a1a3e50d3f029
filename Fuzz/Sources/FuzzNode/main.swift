import CLibFuzzer
import Glibc

// The input is a script of events for one node, of any bytes.
exit(
  fuzz(CommandLine.argc, CommandLine.unsafeArgv) { data, size in
    Script.run(String(decoding: UnsafeBufferPointer(start: data, count: size), as: UTF8.self))
  })
