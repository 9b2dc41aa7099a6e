internal import Foundation
internal import LinearAlgebra
public import Telemetry

/// Finds what a series of one metric has never done before, while it is running: no training, no
/// labels, and one configuration for every series.
///
/// Values are compressed, `y = asinh((x − median) / (20 · scale))` with the median and scale of the
/// first rows, and looked at in five ways:
///
///     y,   y − the y before,   mean of the last 16,   mean of the last 64,
///     y − median of the values at this time on up to 7 days before
///
/// Each has a range so far, and a row scores by how far it leaves them, in widths of a range:
///
///     score = Σ log2(1 + excess / 0.02)
///
/// so that 1 is one range left by 2 %. What follows a score belongs to the same event and is 0, unless
/// it is above a bar: half as high again as the score right behind it, and halved whenever a fifth as
/// many rows have passed as there are first rows. Memory is bounded by a week of values.
public struct RangeNovelty: Sendable {
  /// The score that alarms begin at.
  public static let boundary = 1.0

  /// How the detector looks at a series. The defaults were chosen on half of the files of the Numenta
  /// Anomaly Benchmark.
  public struct Configuration: Hashable, Sendable {
    /// Scales of the first rows in which values are about linear.
    public var compression = 20.0
    /// Rows of the shorter and the longer mean.
    public var windows = (short: 16, long: 64)
    /// Days looked back on.
    public var days = 7
    /// Share of a range's width that scores 1.
    public var margin = 0.02
    /// Most that a row extends a range by, in widths of it.
    public var growth = 1.0
    /// Rows after a score in which the bar for the next one is halved, as a share of the first rows.
    public var quietShare = 0.2
    /// How much larger a score has to be right after another one.
    public var escalation = 1.5

    /// The defaults.
    public init() {}

    /// Whether all parts are equal.
    public static func == (a: Configuration, b: Configuration) -> Bool { a.parts == b.parts }

    /// Hashes all parts.
    public func hash(into hasher: inout Hasher) { hasher.combine(parts) }

    private var parts: [Double] {
      [
        compression, Double(windows.short), Double(windows.long), Double(days), margin, growth,
        quietShare, escalation,
      ]
    }
  }

  private let configuration: Configuration
  private let first: Int
  /// The first rows until there are enough to know how values are to be compressed.
  private var waiting: [(value: Double, time: Timestamp)] = []
  private var centre = 0.0
  private var scale = 1.0
  /// Rows of a day.
  private var day = 0
  /// Compressed values, oldest first, at least as many as any view looks back on.
  private var past: [Double] = []
  private var ranges: [RangeTracker]
  private var rows = 0
  private var last: (row: Int, score: Double)?

  /// Starts a series.
  ///
  /// - Parameter first: Rows that are learned from before any is scored, such as the benchmark's
  ///   probationary period.
  /// - Precondition: `first` is at least 2.
  public init(first: Int, _ configuration: Configuration = Configuration()) {
    precondition(first >= 2, "\(first) first rows")
    (self.first, self.configuration) = (first, configuration)
    ranges = Array(repeating: RangeTracker(growth: configuration.growth), count: 5)
  }

  /// Takes the next row.
  ///
  /// - Parameters:
  ///   - value: NaN and infinities are no value and score 0.
  ///   - time: When it was measured; the first rows' steps say how many rows a day has.
  /// - Returns: At least 0, and from `boundary` on an alarm.
  public mutating func score(_ value: Double, at time: Timestamp) -> Double {
    guard rows >= first else {
      rows += 1
      waiting.append((value, time))
      if rows == first { learn() }
      return 0
    }
    defer { rows += 1 }
    let novelty = novelty(value, isScored: true)
    guard novelty > 0, novelty > bar else { return 0 }
    last = (rows, novelty)
    return novelty
  }

  /// What the novelty of the next row has to exceed, because of the last score.
  private var bar: Double {
    guard let last else { return 0 }
    let halving = max(1, (configuration.quietShare * Double(first)).rounded(.down))
    return configuration.escalation * last.score * exp2(-Double(rows - last.row) / halving)
  }

  /// Learns from the first rows.
  private mutating func learn() {
    let values = waiting.map(\.value).filter(\.isFinite)
    let sorted = values.sorted()
    if !sorted.isEmpty {
      centre = quantile(ofSorted: sorted, 0.5)
      let spread = quantile(ofSorted: sorted, 0.75) - quantile(ofSorted: sorted, 0.25)
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      scale = max(spread / 1.349, 0.1 * variance.squareRoot(), 1e-9)
    }
    let steps = zip(waiting, waiting.dropFirst()).map { ($1.time - $0.time).milliseconds }.sorted()
    let step = quantile(ofSorted: steps.map(Double.init), 0.5)
    day = step > 0 ? max(2, Int((86_400_000 / step).rounded())) : 2
    let learned = waiting
    waiting = []
    for row in learned { _ = novelty(row.value, isScored: false) }
  }

  private mutating func novelty(_ value: Double, isScored: Bool) -> Double {
    guard value.isFinite else { return 0 }
    let now = asinh((value - centre) / (configuration.compression * scale))
    let views = views(now)
    remember(now)
    var sum = 0.0
    for (view, number) in views.enumerated() where !number.isNaN {
      if isScored { sum += log1p(ranges[view].excess(of: number) / configuration.margin) }
      ranges[view].insert(number, isLimited: isScored)
    }
    return sum / log(2)
  }

  /// The five ways to look at a value, NaN while there is too little past.
  private func views(_ now: Double) -> [Double] {
    let (short, long) = configuration.windows
    func meanWithNow(_ count: Int) -> Double {
      (past.suffix(count - 1).reduce(0, +) + now) / Double(count)
    }
    let days = min(configuration.days, past.count / day)
    let before = (0..<days).map { past[past.count - day * ($0 + 1)] }.sorted()
    return [
      now,
      past.last.map { now - $0 } ?? .nan,
      past.count >= short - 1 ? meanWithNow(short) : .nan,
      past.count >= long - 1 ? meanWithNow(long) : .nan,
      before.isEmpty ? .nan : now - quantile(ofSorted: before, 0.5),
    ]
  }

  private mutating func remember(_ value: Double) {
    let kept = max(configuration.windows.long, configuration.days * day)
    if past.count >= 2 * kept { past.removeFirst(past.count - kept + 1) }
    past.append(value)
  }
}
