import CLibFuzzer
import Glibc

// Any bytes as the story of a node's life.
exit(
  fuzz(CommandLine.argc, CommandLine.unsafeArgv) { data, size in
    Script.run(String(decoding: UnsafeBufferPointer(start: data, count: size), as: UTF8.self))
  })
