import CLibFuzzer
import EddyNode
import Glibc

/// Checks that skipping, reading and writing agree on what is a valid value.
func checkValue(_ text: [UInt8]) {
  var skipping = JSONReader(text)
  let isAccepted = (try? skipping.skip()) != nil && (try? skipping.finish()) != nil
  var reading = JSONReader(text)
  guard let value = try? reading.readValue(), (try? reading.finish()) != nil else {
    return precondition(!isAccepted, "skipped, but not read")
  }
  precondition(isAccepted, "read, but not skipped")
  var written = JSONReader(Array(value.description.utf8))
  precondition((try? written.readValue()) == value, "written, it reads differently")
}

/// Checks that a message's typed fields agree with its body as a whole.
func checkMessage(_ line: [UInt8]) {
  guard let message = try? Message(parsing: line) else { return }
  precondition(message.body["type"] == .string(message.type))
  for name in ["message", "delta", "key", "msgs", "txn", "offsets", "topology", "msg_id"] {
    guard let value = try? message.value(name) else { continue }
    precondition(message.contains(name) && message.body[name] == value)
    precondition((try? message.raw(name))?.decoded() == value)
    if let integer = try? message.integer(name) {
      // 6e0 and 6.0 are not integers. -0 is one, but as a `JSONValue` it keeps its sign.
      precondition(value == .integer(integer) || (integer == 0 && value == .double(-0.0)))
    }
    if let string = try? message.string(name) { precondition(value == .string(string)) }
  }
}

// The input is one line of a node's input, of any bytes. No reader may trap, and all readers must agree.
exit(
  fuzz(CommandLine.argc, CommandLine.unsafeArgv) { data, size in
    let line = Array(UnsafeBufferPointer(start: data, count: size))
    checkValue(line)
    checkMessage(line)
  })
