import CEddyProcess
public import EddyEventLoop

extension System {
  /// This process's id.
  public static var processID: Int32 { eddy_process_id() }

  /// This process's environment variables.
  public static var environment: [String: String] {
    var variables: [String: String] = [:]
    var entry = eddy_environment()
    while let text = entry.pointee {
      let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
      entry += 1
    }
    return variables
  }

  /// The number of processors this process may run on, at least 1.
  public static var processorCount: Int { max(1, Int(eddy_processor_count())) }

  /// Raises the limit of open descriptors to the maximum that the system lets this process have. The
  /// default of 1,024 is too low for a parent whose children take several descriptors each.
  public static func raiseDescriptorLimit() {
    // A process may always raise its own limit to its maximum.
    _ = eddy_raise_descriptor_limit()
  }

  /// The width in columns of the terminal open at `descriptor`, nil if it is no terminal.
  public static func terminalWidth(of descriptor: Int32) -> Int? {
    let width = eddy_terminal_width(descriptor)
    return width < 0 ? nil : Int(width)
  }
}
