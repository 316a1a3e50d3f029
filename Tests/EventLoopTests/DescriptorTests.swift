import EddyEventLoop
import EddyProcess
import PipeTesting
import Testing

@Suite struct DescriptorTests {
  @Test func aReleasedOwnerClosesItsDescriptor() throws {
    let pipe = try TestPipe()
    pipe.writeEnd = nil
    #expect(try pipe.read() == "")
  }

  @Test func aDuplicateOutlivesTheOriginal() throws {
    let pipe = try TestPipe()
    let copy = try Descriptor(duplicating: pipe.writing)
    #expect(copy.number > 2)
    pipe.writeEnd = consume copy
    try pipe.write("x")
    #expect(try pipe.read() == "x")
  }

  @Test func aDescriptorGivenUpStaysOpen() throws {
    let pipe = try TestPipe()
    let number = pipe.takeWriteEnd().release()
    pipe.writeEnd = Descriptor(owning: number)
    try pipe.write("x")
    #expect(try pipe.read() == "x")
  }

  @Test func readingNothingYetIsNotAnError() throws {
    let pipe = try TestPipe()
    try pipe.readEnd?.makeNonBlocking()
    #expect(try pipe.read() == nil)
  }

  @Test func blockingIsRestoredForThoseWhoShareTheFile() throws {
    let pipe = try TestPipe()
    do {
      var shared = try Descriptor(duplicating: pipe.reading)
      try shared.makeNonBlocking()
      #expect(try pipe.read() == nil)
    }
    // A blocking read waits for the byte instead of returning nil.
    try pipe.write("x")
    #expect(try pipe.read() == "x")
    #expect(try isNonBlocking(pipe.reading) == false)
  }

  @Test func aFileThatWasNonBlockingStaysSo() throws {
    let pipe = try TestPipe()
    try pipe.readEnd?.makeNonBlocking()
    do {
      var shared = try Descriptor(duplicating: pipe.reading)
      try shared.makeNonBlocking()
    }
    #expect(try pipe.read() == nil)
  }

  @Test func anErrorSaysItsNameAndWhatItMeans() {
    #expect(Errno.brokenPipe.description == "Broken pipe (EPIPE)")
    #expect(Errno(code: 99999).description == "Error 99999")
  }

  @Test func entropyDiffers() throws {
    #expect(try System.entropy() != System.entropy())
  }

  /// O_NONBLOCK as the kernel shows it to anyone, in octal.
  private func isNonBlocking(_ number: Int32) throws -> Bool {
    let pipe = try TestPipe()
    pipe.readEnd = try FileSystem.open("/proc/self/fdinfo/\(number)", for: .read)
    let line = try #require(try pipe.readAll().split(separator: "\n").first { $0.hasPrefix("flags:") })
    let flags = try #require(Int(line.dropFirst(6).drop { $0 == "\t" }, radix: 8))
    return flags & 0o4000 != 0
  }
}
