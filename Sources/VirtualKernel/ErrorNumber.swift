/// The error numbers that the model returns, as on Linux.
enum ErrorNumber: Int {
  case notPermitted = 1
  case interrupted = 4
  case tryAgain = 11
  case badAddress = 14
  case invalid = 22
  case notImplemented = 38
  case timedOut = 110
}
