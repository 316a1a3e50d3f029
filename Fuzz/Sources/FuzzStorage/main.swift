import CLibFuzzer
import EddyNode
import Glibc

/// Checks that a file that is read is one that was written, but for its end.
func checkFile(_ file: [UInt8]) {
  guard let contents = try? RecordLog.read(file) else { return }
  var written: [UInt8] = []
  let log = RecordLog(
    generation: contents.log.generation, snapshot: contents.recovered.snapshot,
    records: contents.recovered.records, to: &written)
  precondition(file.starts(with: written), "written, it differs")
  precondition(log.length == contents.log.length && file.count == log.length + contents.tornBytes)
}

/// Checks that records survive a change of the file: what is read is a prefix of them, or an error.
func checkRecords(_ input: [UInt8]) {
  guard input.count >= 4 else { return }
  let records = input.dropFirst(4).split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
  var file: [UInt8] = []
  _ = RecordLog(generation: 1, records: records, to: &file)
  // Two bytes say where a byte is changed, one how, and one how much is cut off.
  let place = (Int(input[0]) << 8 + Int(input[1])) % file.count
  file[place] ^= input[2]
  file.removeLast(min(Int(input[3]), file.count))
  guard let contents = try? RecordLog.read(file) else { return }
  precondition(records.starts(with: contents.recovered.records), "read, it is not what was written")
}

// The input is a file of any bytes, and then records and a change of their file. No reader may trap.
exit(
  fuzz(CommandLine.argc, CommandLine.unsafeArgv) { data, size in
    let bytes = Array(UnsafeBufferPointer(start: data, count: size))
    checkFile(bytes)
    checkRecords(bytes)
  })
