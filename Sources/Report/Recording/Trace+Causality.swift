extension Trace {
  /// Which events lie in the past or the future of given ones, and these themselves.
  ///
  /// What the setup lane does says nothing of what the clients on it know of each other, so its
  /// order does not count; drops, which nobody notices, and log lines, which nobody hears, are on
  /// their lane like all else but carry nothing on.
  enum Direction { case past, future }

  /// For each event whether it lies in the given direction of one of `origins`, or is one.
  ///
  /// One sweep: an event lies in the past if the next one on its lane does, or if it sends what one
  /// in the past receives; and the other way round for the future.
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
