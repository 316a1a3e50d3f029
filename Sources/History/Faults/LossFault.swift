extension Fault {
  /// Messages between nodes are lost at random.
  public static let loss = Fault(LossFault.self)
}

/// Messages that are lost at random.
package struct LossFault: RandomMessageFault {
  package static let name = "loss"
  package static let functions = (start: "start-loss", stop: "stop-loss")
  package static let consequence = "lost"

  package let percentage: Int?

  package init(percentage: Int?) { self.percentage = percentage }
}
