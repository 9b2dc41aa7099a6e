internal import Synchronization

/// A number that only grows.
final class Counter: Sendable {
  private let count = Atomic<Int>(0)

  var value: Int { count.load(ordering: .relaxed) }

  func add(_ amount: Int = 1) {
    guard amount > 0 else { return }
    count.wrappingAdd(amount, ordering: .relaxed)
  }
}

/// Counters of one metric by a label, all there from the start.
struct CounterFamily<Label: Hashable & CaseIterable & RawRepresentable<String> & Sendable>: Sendable
{
  private let counters: [Label: Counter]

  init() {
    counters = Dictionary(uniqueKeysWithValues: Label.allCases.map { ($0, Counter()) })
  }

  subscript(label: Label) -> Counter { counters[label] ?? Counter() }
}

/// A number that goes up and down.
final class Gauge: Sendable {
  private let bits = Atomic<UInt64>(0)

  var value: Double {
    get { Double(bitPattern: bits.load(ordering: .relaxed)) }
    set { bits.store(newValue.bitPattern, ordering: .relaxed) }
  }
}

/// How long something took, by upper bounds.
final class Histogram: Sendable {
  /// Upper bounds in seconds.
  static let bounds = [
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
    2.5, 5, 10,
  ]
  private let counts = Mutex<(buckets: [Int], sum: Double)>(
    (Array(repeating: 0, count: Histogram.bounds.count + 1), 0))

  func observe(_ seconds: Double) {
    let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
    counts.withLock {
      $0.buckets[bucket] += 1
      $0.sum += seconds
    }
  }

  /// Observations of at most each bound, then all, and their sum.
  var cumulative: (counts: [Int], sum: Double) {
    let (buckets, sum) = counts.withLock { $0 }
    var total = 0
    return (
      buckets.map {
        total += $0
        return total
      }, sum
    )
  }
}
