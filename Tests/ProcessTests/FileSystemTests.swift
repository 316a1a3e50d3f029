import EddyEventLoop
import EddyProcess
import Glibc
import PipeTesting
import Testing

@Suite struct FileSystemTests {
  private func contents(_ path: String) throws -> String {
    let pipe = try TestPipe()
    pipe.readEnd = try FileSystem.open(path, for: .read)
    return try pipe.readAll()
  }

  private func write(_ text: String, to path: String, _ mode: FileSystem.Mode) throws {
    let pipe = try TestPipe()
    pipe.writeEnd = try FileSystem.open(path, for: mode)
    try pipe.write(text)
  }

  @Test func aFileIsReplacedOrAppendedTo() throws {
    let path = temporaryPath("modes")
    defer { try? FileSystem.remove(path) }
    try write("first", to: path, .append)
    try write("second", to: path, .replace)
    try write(" third", to: path, .append)
    #expect(try contents(path) == "second third")
  }

  @Test func aFileIsReadFromAPlaceBeforeItsEnd() throws {
    let path = temporaryPath("end")
    defer { try? FileSystem.remove(path) }
    try write("0123456789", to: path, .replace)
    for (count, place) in [(3, 7), (10, 0), (50, 0), (0, 10)] {
      let pipe = try TestPipe()
      pipe.readEnd = try FileSystem.open(path, for: .read)
      #expect(try pipe.readEnd?.seek(backFromEnd: count) == place)
      #expect(try pipe.readAll() == String("0123456789".dropFirst(place)))
    }
  }

  @Test func directoriesAreMadeWithThoseAboveThem() throws {
    let top = temporaryPath("directories")
    defer { for path in ["/a/b", "/a", ""] { rmdir(top + path) } }
    try FileSystem.makeDirectories(top + "/a/b/")
    try FileSystem.makeDirectories(top + "/a/b/")
    let file = top + "/a/b/file"
    try write("x", to: file, .replace)
    #expect(try contents(file) == "x")
    try FileSystem.remove(file)
  }

  @Test func aLinkIsReplacedInOneStep() throws {
    let path = temporaryPath("link")
    defer { try? FileSystem.remove(path) }
    try FileSystem.link(path, to: "first")
    try FileSystem.link(path, to: "second")
    #expect(try FileSystem.targetOfLink(path) == "second")
  }

  @Test func aMissingFileIsAnError() throws {
    #expect(throws: Errno.noSuchFile) { try FileSystem.remove("/nowhere/at/all") }
    #expect(throws: Errno.noSuchFile) { try FileSystem.realPath("/nowhere/at/all") }
    #expect(throws: Errno.noSuchFile) { _ = try contents("/nowhere/at/all") }
  }

  @Test func aProgramIsExecutableAndADeviceIsNot() throws {
    try FileSystem.checkExecutable("/bin/sh")
    #expect(throws: Errno.permissionDenied) { try FileSystem.checkExecutable("/dev/null") }
  }

  @Test func theWorkingDirectoryIsARealPath() throws {
    let path = try FileSystem.workingDirectory()
    #expect(path.hasPrefix("/"))
    #expect(try FileSystem.realPath(".") == path)
  }
}
