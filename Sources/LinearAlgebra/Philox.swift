/// The counter-based generator Philox4x32-10.
///
/// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011). A value
/// is a function of a key and a counter, so that each tree, row or weight can have a stream of its
/// own and the order of work never changes a result.
public struct Philox: RandomNumberGenerator, Sendable {
  private let key: (UInt32, UInt32)
  private var counter: (UInt32, UInt32, UInt32, UInt32)
  private var block: (UInt64, UInt64) = (0, 0)
  private var unread = 0

  /// Makes stream number `stream` of the family `seed`.
  ///
  /// Different pairs give independent streams of 2^65 values each.
  public init(seed: UInt64, stream: UInt64) {
    key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    counter = (
      0, 0, UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32)
    )
  }

  /// Makes the stream of a named purpose and an index within it.
  ///
  /// The name is hashed with FNV-1a (64 bits), which is the same on every machine.
  public init(seed: UInt64, purpose: String, index: Int = 0) {
    self.init(
      seed: Self.family(seed, purpose: purpose), stream: UInt64(bitPattern: Int64(index)))
  }

  /// The family of streams of a purpose.
  static func family(_ seed: UInt64, purpose: String) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    return seed ^ hash
  }

  /// The next 64 random bits; a block of four words gives two values, low word first.
  public mutating func next() -> UInt64 {
    if unread == 0 {
      let words = Self.block(counter: counter, key: key)
      block = (
        UInt64(words.0) | UInt64(words.1) << 32, UInt64(words.2) | UInt64(words.3) << 32
      )
      counter.0 &+= 1
      if counter.0 == 0 { counter.1 &+= 1 }
      unread = 2
    }
    unread -= 1
    return unread == 1 ? block.0 : block.1
  }

  /// A number in [0, 1) with 24 random bits.
  public mutating func uniformFloat() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// A number in [0, 1) with 53 random bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A whole number in 0..<bound, without bias (Lemire 2019).
  ///
  /// - Precondition: `bound > 0`.
  public mutating func index(below bound: Int) -> Int {
    precondition(bound > 0, "no index below \(bound)")
    let range = UInt64(bound)
    while true {
      let (high, low) = next().multipliedFullWidth(by: range)
      if low >= range || low >= (0 &- range) % range { return Int(high) }
    }
  }

  /// One block of ten rounds, for the published known answers.
  package static func block(
    counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
  ) -> (UInt32, UInt32, UInt32, UInt32) {
    var (c, k) = (counter, key)
    for _ in 0..<10 {
      let a = c.0.multipliedFullWidth(by: 0xD251_1F53)
      let b = c.2.multipliedFullWidth(by: 0xCD9E_8D57)
      c = (b.high ^ c.1 ^ k.0, b.low, a.high ^ c.3 ^ k.1, a.low)
      k = (k.0 &+ 0x9E37_79B9, k.1 &+ 0xBB67_AE85)
    }
    return c
  }
}
