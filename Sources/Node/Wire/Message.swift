/// One line of the protocol, `{"src": …, "dest": …, "body": {"type": …, …}}`, validated as a whole
/// when it is parsed. Fields that nobody asks for are ignored.
///
/// Field accessors read from the line's bytes. Those that throw say so in an `RPCError` of code 12
/// that names the field, fit to be the reply. A copy shares the line.
///
///     let delta = try request.integer("delta")
///     let key = try request.raw("key")
public struct Message: Sendable {
  let storage: MessageStorage

  /// Parses a line, with or without its line feed.
  ///
  /// `src` and `dest` must be strings, `body` an object with a string `type`; `msg_id` and
  /// `in_reply_to`, if there and not `null`, integers of 64 bits (`1.0` is none). Where a key comes
  /// twice, the last value counts.
  public init(parsing line: [UInt8]) throws(JSONError) {
    let storage = MessageStorage()
    try line.withUnsafeBufferPointer { (line) throws(JSONError) in
      try storage.parse(UnsafeRawBufferPointer(line))
    }
    self.storage = storage
  }

  /// Parses a line, with or without its line feed.
  public init(parsing line: String) throws(JSONError) { try self.init(parsing: Array(line.utf8)) }

  /// Parses a line into the storage of an earlier message, if no one else has kept that; otherwise
  /// into a new one, which takes its place in `pool`.
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
  /// `src`: who sent the message, such as `c1`.
  public var source: String { decode(storage.index.source) }

  /// `dest`: whom it is for, such as `n1`.
  public var destination: String { decode(storage.index.destination) }

  /// What the message asks for or answers, such as `echo`.
  public var type: String { storage.index.type }

  /// `msg_id`: the sender's number for the message.
  public var id: Int64? { storage.index.id }

  /// `in_reply_to`: the `msg_id` of the request that this answers.
  public var inReplyTo: Int64? { storage.index.inReplyTo }

  /// Writes the sender's name as a value, without making a `String` of it.
  package func writeSource(into writer: inout JSONWriter) { write(storage.index.source, into: &writer) }

  /// Writes the receiver's name as a value, without making a `String` of it.
  package func writeDestination(into writer: inout JSONWriter) {
    write(storage.index.destination, into: &writer)
  }

  /// A key of the line beside `src`, `dest`, `body`, and `id` with a number; nil if there is none.
  ///
  /// Nodes ignore it. Maelstrom's network takes no message that has one.
  package var additionalKey: (name: String, offset: Int)? { storage.additionalKey }

  /// Calls `body` with the line as it came, which is valid only until that returns.
  package func withUnsafeBytes<Result, Failure>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(storage.line.contents)
  }

  private func decode(_ range: Range<Int>) -> String {
    storage.withScanner(over: range) { scanner in
      guard let string = try? scanner.readString() else { preconditionFailure("parsed, so valid") }
      return string
    }
  }

  private func write(_ range: Range<Int>, into writer: inout JSONWriter) {
    writer.append(storage.bytes(in: range))
  }
}

// MARK: - The body's fields

extension Message {
  /// Whether the body has the field, be it `null`.
  public func contains(_ field: String) -> Bool { range(of: field) != nil }

  /// A string's text.
  public func string(_ field: String) throws(RPCError) -> String {
    try read(field) { (scanner) throws(JSONError) in try scanner.readString() }
  }

  /// An integer of 64 bits, written without fraction and exponent: `1.0` is none.
  public func integer(_ field: String) throws(RPCError) -> Int {
    Int(try read(field) { (scanner) throws(JSONError) in try scanner.readInteger() })
  }

  /// Any number, as the nearest `Double`.
  public func double(_ field: String) throws(RPCError) -> Double {
    try read(field) { (scanner) throws(JSONError) in try scanner.readDouble() }
  }

  /// `true` or `false`.
  public func bool(_ field: String) throws(RPCError) -> Bool {
    try read(field) { (scanner) throws(JSONError) in try scanner.readBool() }
  }

  /// The value as it was written. It may nest `RawJSON.nestingLimit` deep.
  public func raw(_ field: String) throws(RPCError) -> RawJSON {
    try read(field) { (scanner) throws(JSONError) in try scanner.readRaw(nesting: RawJSON.nestingLimit) }
  }

  /// The value as a tree.
  public func value(_ field: String) throws(RPCError) -> JSONValue {
    var reader = try reader(field)
    do { return try reader.readValue() } catch { preconditionFailure("parsed, so valid") }
  }

  /// A reader that stands at the field's value, which is already known to be valid.
  public func reader(_ field: String) throws(RPCError) -> JSONReader {
    guard let range = range(of: field) else { throw Self.missing(field) }
    return JSONReader(storage, range)
  }

  /// The field's value where it lies in the line: the cheapest way to pass a payload on.
  ///
  ///     let payload = try request.field("echo")
  ///     node.reply(to: request, type: "echo_ok") { $0.field("echo", payload) }
  public func field(_ field: String) throws(RPCError) -> Field {
    guard let range = range(of: field) else { throw Self.missing(field) }
    return Field(message: self, range: range)
  }

  /// A field's value as it was written. It keeps the whole line: to store a value, take `raw(_:)`.
  public struct Field: JSONEncodable, Sendable {
    fileprivate let message: Message
    fileprivate let range: Range<Int>

    /// Copies the value straight from the line.
    public func encode(into writer: inout JSONWriter) { message.write(range, into: &writer) }
  }

  /// Copies the field's value as it was written, straight from the line.
  public func writeValue(of field: String, into writer: inout JSONWriter) throws(RPCError) {
    guard let range = range(of: field) else { throw Self.missing(field) }
    write(range, into: &writer)
  }

  /// The field's integer; `nil` if it is missing or `null`.
  public func optionalInteger(_ field: String) throws(RPCError) -> Int? {
    isAbsent(field) ? nil : try integer(field)
  }

  /// The field's string; `nil` if it is missing or `null`.
  public func optionalString(_ field: String) throws(RPCError) -> String? {
    isAbsent(field) ? nil : try string(field)
  }

  /// The body as it was written.
  public var rawBody: RawJSON { RawJSON(validated: storage.bytes(in: storage.index.body)) }

  /// The body as a tree.
  public var body: JSONValue { rawBody.decoded() }
}

// MARK: - Lookup

extension Message {
  /// Where the field's value lies. Bodies have few fields, so a search beats a table.
  private func range(of field: String) -> Range<Int>? {
    field.withContiguousUTF8 { storage.range(of: $0) }
  }

  private func isAbsent(_ field: String) -> Bool {
    guard let range = range(of: field) else { return true }
    return storage.bytes(in: range).first == ASCII.n
  }

  private static func missing(_ field: String) -> RPCError {
    .malformedRequest("the field \"\(field)\" is missing")
  }

  @inline(__always)
  private func read<Value>(
    _ field: String, _ body: (inout JSONScanner) throws(JSONError) -> Value
  ) throws(RPCError) -> Value {
    guard let range = range(of: field) else { throw Self.missing(field) }
    do {
      return try storage.withScanner(over: range, body)
    } catch {
      throw .malformedField(field, error)
    }
  }
}

extension Message: CustomStringConvertible {
  /// The line.
  public var description: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
