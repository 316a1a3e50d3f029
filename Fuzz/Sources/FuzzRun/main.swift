import CLibFuzzer
import Glibc

// The input is a script of a run with hostile nodes, a history, or EDN, of any bytes. Nothing may trap.
exit(
  fuzz(CommandLine.argc, CommandLine.unsafeArgv) { data, size in
    let input = Array(UnsafeBufferPointer(start: data, count: size))
    let head = input.prefix { $0 != UInt8(ascii: "\n") }
    let rest = Array(input.dropFirst(head.count + 1))
    switch String(decoding: head, as: UTF8.self) {
    case "history": judgeHistory(rest)
    case "edn": readNotation(rest)
    case let head: RunScript.run(head: head, lines: rest)
    }
  })
