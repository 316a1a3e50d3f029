extension Fault {
  /// Messages between nodes are delivered twice at random.
  public static let duplicate = Fault(DuplicationFault.self)
}

/// Messages that are delivered twice at random.
package struct DuplicationFault: RandomMessageFault {
  package static let name = "duplicate"
  package static let functions = (start: "start-duplicate", stop: "stop-duplicate")
  package static let consequence = "delivered twice"

  package let percentage: Int?

  package init(percentage: Int?) { self.percentage = percentage }
}
