import EddyNode

extension JSONValue {
  init(_ count: Int) { self = .integer(Int64(count)) }
  init(_ number: Double) { self = .double(number) }
}
