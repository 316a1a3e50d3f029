import Node
import Timing

/// What nodes tell each other. Every message may carry news, acknowledge, and measure.
///
///     {"type": "gossip", "at": 71200, "echo": [68100, 900], "route": [0, 1, 350],
///      "parent": 0, "round": [7, 370000, 0],
///      "news": [[3, 81726, 4, 17, 19]], "have": [[5, 29181, 12]]}
///
/// Times are microseconds on the sender's clock, or durations of such.
struct GossipMessage: Equatable {
  static let type: StaticString = "gossip"

  /// A relay's beat, passed down the tree.
  struct Round: Equatable {
    /// Counts the rounds to this peer, so that it notices when it has missed one.
    var number: Int
    /// How long until the next round comes.
    var due: Duration
    /// How much earlier than for that an answer must be here to be passed up in time.
    var lead: Duration
  }

  /// A stamp of the receiver's own, and for how long the sender has had it.
  struct Echo: Equatable {
    var stamp: Int64
    var held: Duration
  }

  /// How many entries of an origin the sender has.
  struct Count: Equatable {
    var origin: Origin
    var count: Int
  }

  /// The sender's clock.
  var stamp: Int64
  var echo: Echo?
  /// The sender's parent; nil if it is the root.
  var parent: Int?
  var root: Int
  var depth: Int
  /// How long ago the sender heard of the root.
  var age: Duration
  /// Present if the sender passes a round down.
  var round: Round?
  var news: [ReplicatedLog.Run] = []
  /// Acknowledgements; all that the sender has, if `isComplete`.
  var have: [Count] = []
  var isComplete = false
  /// True if the sender wants an answer at once, with all that it lacks.
  var wantsAnswer = false
}

// MARK: - Wire

extension GossipMessage {
  init(_ message: Message) throws(RPCError) {
    do throws(JSONError) {
      stamp = Int64(try message.integer("at"))
      parent = try message.optionalInteger("parent")
      isComplete = message.contains("complete")
      wantsAnswer = message.contains("want")
      var route = try message.reader("route")
      let numbers = try route.readIntegers()
      guard numbers.count == 3 else { throw RPCError.malformedRequest("route has three numbers") }
      (root, depth, age) = (numbers[0], numbers[1], .microseconds(numbers[2]))
    } catch let error as RPCError {
      throw error
    }
  }
}
