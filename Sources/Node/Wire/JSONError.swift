/// Why bytes are not the JSON that was to be read.
///
/// Two words and no allocation, so that rejecting a line costs no more than reading it.
public struct JSONError: Error, Equatable, Sendable {
  /// The offset at which it was noticed, in bytes from the start of the line.
  public var offset: Int

  /// The reason, for people.
  public var reason: String { problem.rawValue }

  /// The reason, for programs.
  package var problem: Problem

  package init(_ problem: Problem, at offset: Int) {
    self.offset = offset
    self.problem = problem
  }

  /// The rejection of a value that is valid JSON of the right type and yet not allowed: for a ``JSONDecodable``
  /// with rules of its own.
  ///
  /// - Parameter offset: Where the value is, in bytes from the start of the line.
  public static func notAllowed(at offset: Int) -> JSONError { JSONError(.valueNotAllowed, at: offset) }

  /// Every reason to reject a line.
  package enum Problem: String, Sendable {
    case unexpectedEnd = "the input ends too soon"
    case unexpectedByte = "not the start of a value"
    case trailingBytes = "more after the end of the value"
    case expectedColon = "expected a colon after an object's key"
    case expectedKey = "expected a string as an object's key"
    case expectedCommaOrBracket = "expected a comma or ] in an array"
    case expectedCommaOrBrace = "expected a comma or } in an object"
    case nestedTooDeep = "arrays and objects nest too deep"

    case malformedNumber = "malformed number"
    case malformedLiteral = "malformed true, false or null"
    case controlCharacter = "control character in a string"
    case malformedEscape = "malformed escape sequence"
    case malformedUTF8 = "malformed UTF-8"

    case expectedInteger = "expected an integer"
    case writtenAsFraction = "expected an integer, without fraction and exponent"
    case integerNotInRange = "an integer beyond what it may be here"
    case integerOutOfRange = "an integer beyond 64 bits"
    case expectedNumber = "expected a number"
    case expectedBool = "expected true or false"
    case expectedNull = "expected null"
    case expectedString = "expected a string"
    case expectedArray = "expected an array"
    case expectedObject = "expected an object"

    case valueNotAllowed = "a value that is not allowed here"

    case missingSource = "the message has no \"src\""
    case missingDestination = "the message has no \"dest\""
    case missingBody = "the message has no \"body\""
    case missingType = "the message's body has no \"type\""
  }
}

extension JSONError: CustomStringConvertible {
  /// Such as `malformed number at byte 17`.
  public var description: String { "\(reason) at byte \(offset)" }
}
