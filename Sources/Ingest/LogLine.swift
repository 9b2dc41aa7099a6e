/// Who wrote a line among all who write for one service: a pod, a container, a file, a request.
///
/// 30 bits of a hash, so that any number of writers costs no memory. Of a thousand that write at the
/// same time a pair is taken for one with a probability of 0.0005.
struct StreamIdentity: Hashable, Sendable {
  /// Labels that differ between the lines of one writer.
  private static let severities: Set<String> = ["level", "detected_level", "severity", "lvl"]

  /// The writer of services that have only one.
  static let service = StreamIdentity(bits: 0)

  /// Below 2³⁰.
  let bits: UInt32

  private init(bits: UInt32) { self.bits = bits }

  /// The stream of a name.
  init(_ name: String) { self.init(folding: Self.hash(name)) }

  /// The stream with some labels, in whatever order; severities are passed over.
  init(labels: [String: String]) {
    var sum: UInt64 = 0
    for (key, value) in labels where !Self.severities.contains(key) {
      sum &+= Self.hash(value, after: Self.hash(key) &* 31)
    }
    self.init(folding: sum)
  }

  private init(folding hash: UInt64) {
    bits = UInt32(truncatingIfNeeded: hash ^ (hash >> 32)) & 0x3FFF_FFFF
  }

  /// FNV-1a, 64 bits (Fowler, Noll and Vo, RFC 9923).
  private static func hash(_ text: String, after start: UInt64 = 0xCBF2_9CE4_8422_2325) -> UInt64 {
    text.utf8.reduce(start) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}

/// A log line of a service: its pattern, its stream and what its instant has beyond milliseconds.
struct LogLine: Equatable {
  /// Patterns of a service are numbered below this.
  static let patternLimit = 1 << 22

  /// The index of the line's pattern.
  var pattern: Int
  /// Who wrote it.
  var stream: UInt32
  /// Below 1000.
  var microseconds: Int

  /// Makes a line.
  ///
  /// - Precondition: The numbers are in their ranges.
  init(pattern: Int, stream: StreamIdentity, microseconds: Int) {
    precondition(
      0..<Self.patternLimit ~= pattern && 0..<1000 ~= microseconds,
      "pattern \(pattern), \(microseconds) µs")
    (self.pattern, self.stream, self.microseconds) = (pattern, stream.bits, microseconds)
  }

  /// Takes apart what `value` made.
  init(_ value: Double) {
    let bits = value.bitPattern
    pattern = Int(bits & UInt64(Self.patternLimit - 1))
    stream = UInt32(truncatingIfNeeded: bits >> 22 & 0x3FFF_FFFF)
    microseconds = Int(bits >> 52)
  }

  /// The line as a number of a `SampleTrack`: the bits of its parts. The highest two are 0, which no
  /// NaN has, so that no copy of the number changes them.
  var value: Double { Double(bitPattern: bits(of: pattern)) }

  /// Orders the lines of one millisecond: by instant, then by stream, then by pattern, which takes
  /// the place of the line's own.
  func bits(of pattern: Int) -> UInt64 {
    UInt64(microseconds) << 52 | UInt64(stream) << 22 | UInt64(pattern)
  }
}
