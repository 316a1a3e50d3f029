import EddyEventLoop

/// One of the three streams that a process inherits.
enum StandardStream: Int32 {
  case input, output, error

  /// Opens a duplicate of the stream, so that closing it leaves the original to messages of the runtime.
  /// A stream that the parent has closed becomes the null device.
  func open() throws(Errno) -> Descriptor {
    do {
      return try Descriptor(duplicating: rawValue)
    } catch .badDescriptor {
      return try .null()
    }
  }
}
