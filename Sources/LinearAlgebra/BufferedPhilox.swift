internal import CVectorMath

/// A `Philox` stream whose values are computed many at a time: the same values in the same order,
/// for work that takes thousands.
public struct BufferedPhilox: RandomNumberGenerator, Sendable {
  /// Values computed at once, two a block.
  private static let capacity = 128

  private let family: UInt64
  private let stream: UInt64
  private var counter: UInt64 = 0
  @usableFromInline var values: [UInt64]
  @usableFromInline var position: Int

  /// Makes the stream of a named purpose and an index within it, as `Philox` does.
  public init(seed: UInt64, purpose: String, index: Int = 0) {
    family = Philox.family(seed, purpose: purpose)
    stream = UInt64(bitPattern: Int64(index))
    values = Array(repeating: 0, count: Self.capacity)
    position = Self.capacity
  }

  /// The next 64 random bits.
  @inlinable @inline(__always)
  public mutating func next() -> UInt64 {
    if position == values.count { refill() }
    position &+= 1
    return values[position &- 1]
  }

  /// A number in [0, 1) with 53 random bits.
  @inlinable @inline(__always)
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A whole number in 0..<bound, without bias (Lemire 2019).
  ///
  /// - Precondition: `bound > 0`.
  @inlinable @inline(__always)
  public mutating func index(below bound: Int) -> Int {
    precondition(bound > 0, "no index below \(bound)")
    let range = UInt64(bound)
    while true {
      let (high, low) = next().multipliedFullWidth(by: range)
      if low >= range || low >= (0 &- range) % range { return Int(high) }
    }
  }

  @usableFromInline
  mutating func refill() {
    let blocks = Self.capacity / 2
    unsafe ap_philox_blocks(family, counter, stream, blocks, &values)
    counter += UInt64(blocks)
    position = 0
  }
}
