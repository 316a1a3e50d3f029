import EddyNode

@testable import EddyCheckers

/// What an operation of a generated trace does.
enum RegisterStep: Hashable {
  case read(Int32)
  case write(Int32)
  case cas(Int32, Int32)
  case lostWrite(Int32)
  case lostCAS(Int32, Int32)

  var isDefinite: Bool {
    switch self {
    case .read, .write, .cas: true
    case .lostWrite, .lostCAS: false
    }
  }

  func operation(_ invocation: Int32, _ completion: Int32) -> RegisterOperation {
    switch self {
    case .read(let value): .read(value, invocation, completion)
    case .write(let value): .write(value, invocation, completion)
    case .cas(let from, let to): .cas(from, to, invocation, completion)
    case .lostWrite(let value): .write(value, invocation, RegisterOperation.never)
    case .lostCAS(let from, let to): .cas(from, to, invocation, RegisterOperation.never)
    }
  }
}

/// All short traces over an alphabet.
enum RegisterTraces {
  /// Reads, writes and compare-and-sets over the initial value 0 and the values 1 and 2, of known and unknown
  /// outcome.
  static let alphabet: [RegisterStep] =
    [.read(0), .read(1), .read(2), .write(1), .write(2), .lostWrite(1), .lostWrite(2)]
    + [(0, 1), (1, 2), (2, 1)].flatMap { [.cas($0.0, $0.1), .lostCAS($0.0, $0.1)] }
    + [.cas(1, 1), .write(0)]

  /// Calls `body` with every trace of this many steps: all choices of steps, and all orders of their
  /// invocations and completions. Invocations are in the order of the steps, which loses nothing. A step of
  /// unknown outcome has no completion.
  ///
  /// With `arePrecedencesDistinct` adjacent invocations are only in the order of the alphabet, and adjacent
  /// completions only in that of their invocations. By the definition that loses nothing either: which
  /// operation precedes which is the same in any other order.
  static func forEach(
    count: Int, _ alphabet: [RegisterStep], arePrecedencesDistinct: Bool = false,
    _ body: (RegisterTrace) -> Void
  ) {
    var letters: [Int] = []
    func extend() {
      guard letters.count < count else {
        return arrange(letters, alphabet, arePrecedencesDistinct: arePrecedencesDistinct, body)
      }
      for letter in alphabet.indices {
        letters.append(letter)
        extend()
        letters.removeLast()
      }
    }
    extend()
  }

  private static func arrange(
    _ letters: [Int], _ alphabet: [RegisterStep], arePrecedencesDistinct: Bool,
    _ body: (RegisterTrace) -> Void
  ) {
    let steps = letters.map { alphabet[$0] }
    var intervals = steps.map { _ in (invocation: Int32(0), completion: Int32(0)) }
    /// `lastCompleted` is the step whose completion comes just before; nil if an invocation does.
    func place(_ time: Int32, invoked: Int, open: [Int], lastCompleted: Int?) {
      if invoked == steps.count, open.isEmpty {
        let operations = zip(steps, intervals).map { $0.operation($1.invocation, $1.completion) }
        return body(RegisterTrace(operations, initial: 0))
      }
      let isInOrder =
        invoked == 0 || invoked == steps.count || lastCompleted != nil
        || letters[invoked - 1] <= letters[invoked]
      if invoked < steps.count, isInOrder || !arePrecedencesDistinct {
        intervals[invoked].invocation = time
        place(
          time + 1, invoked: invoked + 1, open: steps[invoked].isDefinite ? open + [invoked] : open,
          lastCompleted: nil)
      }
      for (index, step) in open.enumerated() {
        if arePrecedencesDistinct, let lastCompleted, step < lastCompleted { continue }
        intervals[step].completion = time
        var rest = open
        rest.remove(at: index)
        place(time + 1, invoked: invoked, open: rest, lastCompleted: step)
      }
    }
    place(0, invoked: 0, open: [], lastCompleted: nil)
  }

  /// A random trace of this many steps, with up to `overlap` operations at a time.
  static func random(
    count: Int, overlap: Int, _ alphabet: [RegisterStep], _ random: inout SeededGenerator
  ) -> RegisterTrace {
    var operations: [RegisterOperation] = []
    var open: [(step: RegisterStep, invocation: Int32)] = []
    var (time, invoked) = (Int32(0), 0)
    while invoked < count || !open.isEmpty {
      if invoked < count, open.isEmpty || (open.count < overlap && random.chance(0.5)) {
        let step = alphabet[random.below(alphabet.count)]
        invoked += 1
        if step.isDefinite {
          open.append((step, time))
        } else {
          operations.append(step.operation(time, RegisterOperation.never))
        }
      } else {
        let ended = open.remove(at: random.below(open.count))
        operations.append(ended.step.operation(ended.invocation, time))
      }
      time += 1
    }
    return RegisterTrace(operations, initial: 0)
  }

  /// The trace of a right register and its clients: a quarter reads, a quarter writes, else compare-and-sets.
  /// `lost` operations have an unknown outcome; half of those took effect. The first read to complete after
  /// `wrongReadAt` operations were invoked returns another value.
  static func clients(
    _ clients: Int, operations count: Int, lost: Int, values: Int, wrongReadAt: Int = .max,
    _ random: inout SeededGenerator
  ) -> RegisterTrace {
    struct Request {
      var operation: RegisterOperation
      /// Whether it took effect; nil while it has not been carried out.
      var isDone: Bool?
    }
    var operations: [RegisterOperation] = []
    var pending: [Request?] = Array(repeating: nil, count: clients)
    var (value, time, invoked, left) = (Int32(0), Int32(0), 0, lost)
    var isRight = true
    while invoked < count || pending.contains(where: { $0 != nil }) {
      let client = random.below(clients)
      time += 1
      guard var request = pending[client] else {
        guard invoked < count else { continue }
        invoked += 1
        let (a, b) = (Int32(random.below(values)), Int32(random.below(values)))
        let choices: [RegisterOperation] = [.read(0, time, 0), .write(a, time, 0), .cas(a, b, time, 0)]
        pending[client] = Request(operation: choices[min(random.below(4), 2)])
        continue
      }
      if request.isDone == nil, random.chance(0.6) {
        if request.operation.function == .read { request.operation.expected = value }
        request.isDone = request.operation.function != .cas || request.operation.expected == value
        if request.isDone == true, request.operation.function != .read { value = request.operation.written }
        pending[client] = request
        continue
      }
      if left > 0, request.operation.function != .read, random.below(count) < 3 * lost {
        left -= 1
        request.operation.completion = RegisterOperation.never
        operations.append(request.operation)
        pending[client] = nil
      } else if let isDone = request.isDone {
        request.operation.completion = time
        if request.operation.function == .read, isRight, invoked >= wrongReadAt {
          isRight = false
          request.operation.expected = (request.operation.expected + Int32(values / 2)) % Int32(values)
        }
        if isDone { operations.append(request.operation) }
        pending[client] = nil
      }
    }
    return RegisterTrace(operations, initial: 0)
  }
}
