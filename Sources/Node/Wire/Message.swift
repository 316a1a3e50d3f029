/// One line of the protocol, `{"src": …, "dest": …, "body": {"type": …, …}}`.
///
/// Parsing validates the whole line and decodes no value. The accessors of fields read from the line's
/// bytes; fields that are not read are ignored. If a field is missing or not what the accessor reads, the
/// accessor throws an ``RPCError`` of code 12 that names the field, which a handler may let through as its
/// reply. A copy of a message shares the line.
///
///     let delta = try request.integer("delta")
///     let keys = try request.value("keys", as: [String].self)
///
/// Finding a field takes time proportional to the number of fields, which is small.
public struct Message: Sendable {
  let storage: MessageStorage

  /// Parses a line, with or without its line feed.
  ///
  /// `src` and `dest` must be strings, `body` an object with a string `type`. `msg_id` and `in_reply_to`,
  /// if present and not `null`, must be integers of 64 bits (`1.0` is refused). Where a key occurs twice,
  /// the last value counts.
  public init(parsing line: [UInt8]) throws(JSONError) {
    let storage = MessageStorage()
    try line.withUnsafeBufferPointer { (line) throws(JSONError) in
      try storage.parse(UnsafeRawBufferPointer(line))
    }
    self.storage = storage
  }

  /// Parses a line, with or without its line feed.
  public init(parsing line: String) throws(JSONError) { try self.init(parsing: Array(line.utf8)) }

  /// Parses a line into the storage in `pool`, if no message retains that; otherwise into new storage,
  /// which replaces it in `pool`.
  package init(
    parsing line: UnsafeRawBufferPointer, reusing pool: inout MessageStorage?
  ) throws(JSONError) {
    if let last = pool, last.line.capacity > MessageStorage.largestReusedBuffer { pool = nil }
    if pool == nil || !isKnownUniquelyReferenced(&pool) { pool = MessageStorage() }
    storage = pool.unsafelyUnwrapped
    try storage.parse(line)
  }
}

// MARK: - The envelope

extension Message {
  /// `src`: the sender's name, such as `c1`.
  public var source: String { decode(storage.index.source) }

  /// `dest`: the receiver's name, such as `n1`.
  public var destination: String { decode(storage.index.destination) }

  /// `type`: what the message asks for or answers, such as `echo`.
  public var type: String { storage.index.type }

  /// `msg_id`: the sender's number for the message.
  public var id: Int? { storage.index.id }

  /// `in_reply_to`: the `msg_id` of the request that this answers.
  public var inReplyTo: Int? { storage.index.inReplyTo }

  /// Writes the sender's name as a value, without making a `String` of it.
  package func writeSource(into writer: inout JSONWriter) { write(storage.index.source, into: &writer) }

  /// Writes the receiver's name as a value, without making a `String` of it.
  package func writeDestination(into writer: inout JSONWriter) {
    write(storage.index.destination, into: &writer)
  }

  /// A key of the line other than `src`, `dest`, `body`, and `id` with a number, and its offset in bytes;
  /// nil if there is none.
  ///
  /// Nodes ignore it. Maelstrom's network refuses a message that has one.
  package var additionalKey: (name: String, offset: Int)? { storage.additionalKey }

  /// Calls `body` with the line's bytes, which are valid only until it returns.
  package func withUnsafeBytes<Result, Failure>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(storage.line.contents)
  }

  private func decode(_ range: Range<Int>) -> String {
    storage.withScanner(over: range) { scanner in
      guard let string = try? scanner.readString() else { preconditionFailure("a parsed message is valid") }
      return string
    }
  }

  func write(_ range: Range<Int>, into writer: inout JSONWriter) {
    writer.append(storage.bytes(in: range))
  }
}

extension Message: CustomStringConvertible {
  /// The line.
  public var description: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
