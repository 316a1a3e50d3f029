extension Trace {
  /// The causal past or the causal future.
  enum Direction { case past, future }

  /// By event: whether it is in the causal past or future of one of `origins`, or is one of them.
  ///
  /// A single sweep: an event is in the past if the next event on its lane is, or if it sends a message that
  /// an event in the past receives; the future is symmetric. The setup lane combines several clients, so its
  /// order implies no causality. Drops are not observed by a process and are never inside.
  ///
  /// - Complexity: O(events).
  func cone(_ direction: Direction, of origins: [Int]) -> [Bool] {
    var isInside = Array(repeating: false, count: events.count)
    for origin in origins { isInside[origin] = true }
    var isLaneInside = Array(repeating: false, count: lanes.count)
    let order = direction == .past ? Array(events.indices.reversed()) : Array(events.indices)
    for index in order {
      let event = events[index]
      if event.kind == .drop { continue }
      let isOrdered = lanes[event.lane].role != .setup
      if isOrdered, isLaneInside[event.lane] { isInside[index] = true }
      switch (direction, event.kind) {
      case (.past, .send):
        if arrivals[event.subject].contains(where: { isInside[$0] && events[$0].kind == .receive }) {
          isInside[index] = true
        }
      case (.future, .receive):
        if isInside[sends[event.subject]] { isInside[index] = true }
      default: break
      }
      if isInside[index] { isLaneInside[event.lane] = true }
    }
    return isInside
  }
}
