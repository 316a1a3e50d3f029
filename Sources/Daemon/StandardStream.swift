import EddyEventLoop

/// One of the three streams that a process inherits.
enum StandardStream: Int32 {
  case input, output, error

  /// Owns the stream through a duplicate, so that closing that leaves the original to the
  /// runtime's last words. A stream that the parent closed is taken as `/dev/null`.
  func open() throws(Errno) -> Descriptor {
    do {
      return try Descriptor(duplicating: rawValue)
    } catch .badDescriptor {
      return try FileSystem.open("/dev/null", for: self == .input ? .read : .write)
    }
  }
}
