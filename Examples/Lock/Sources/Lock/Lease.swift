import Eddy

/// What is stored of a lock: `[token, renewals]`, or `[token, -1]` when nobody holds it.
struct Lease: Equatable {
  /// Grows whenever the lock is acquired; 0 if it never was.
  var token = 0
  private var renewals = -1

  var isHeld: Bool { renewals >= 0 }

  /// The lease of whoever acquires the lock next.
  var next: Lease {
    var lease = self
    (lease.token, lease.renewals) = (token + 1, 0)
    return lease
  }

  var renewed: Lease {
    var lease = self
    lease.renewals += 1
    return lease
  }

  var released: Lease {
    var lease = self
    lease.renewals = -1
    return lease
  }
}

extension Lease: JSONEncodable {
  func encode(into writer: inout JSONWriter) { writer.value([token, renewals]) }

  /// Nil if these are no two numbers.
  init?(_ numbers: [Int]) {
    guard numbers.count == 2 else { return nil }
    (token, renewals) = (numbers[0], numbers[1])
  }
}
