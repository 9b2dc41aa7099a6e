internal import Telemetry

/// Turns the raw parts of histograms and summaries into columns that mean something by themselves.
///
/// For a metric `m`: `m_bucket` series become `m:p50`, `m:p95` and `m:p99`, estimated per cell from
/// the buckets' rates; `m_sum` and `m_count` together become `m:mean` (the mean observation of the
/// cell) and `m:rate` (observations per second). Without `m_count` the `+Inf` bucket gives the
/// rate. Cells without observations have a rate of 0 and no quantiles and no mean. A `_sum` or
/// `_count` alone stays a counter under its own name.
struct HistogramColumns {
  static let quantiles: [(suffix: String, value: Double)] = [
    ("p50", 0.5), ("p95", 0.95), ("p99", 0.99),
  ]

  /// A histogram: a metric's base name and the labels that tell it from its siblings.
  private struct Key: Hashable {
    var base: String
    var labels: [String: String]
  }

  private struct Parts {
    var buckets: [(bound: Double, cells: FrameBuilder.Cells)] = []
    var sum: FrameBuilder.Cells?
    var count: FrameBuilder.Cells?
  }

  private let grid: TimeGrid
  private var parts: [Key: Parts] = [:]

  init(grid: TimeGrid) { self.grid = grid }

  /// Takes what belongs to histograms and returns the rest.
  mutating func take(
    from cells: [ColumnPlan.Target: FrameBuilder.Cells]
  ) -> [ColumnPlan.Target: FrameBuilder.Cells] {
    var rest: [ColumnPlan.Target: FrameBuilder.Cells] = [:]
    for (target, column) in cells {
      if let bound = target.bound {
        let key = Key(base: String(target.metric.dropLast(7)), labels: target.labels)
        parts[key, default: Parts()].buckets.append((bound, column))
        continue
      }
      guard target.kind == .counter,
        let (base, suffix) = Self.split(target.metric),
        Self.siblings(of: target, base, suffix).contains(where: { cells[$0] != nil })
      else {
        rest[target] = column
        continue
      }
      let key = Key(base: base, labels: target.labels)
      if suffix == "_sum" {
        parts[key, default: Parts()].sum = column
      } else {
        parts[key, default: Parts()].count = column
      }
    }
    return rest
  }

  private static func split(_ metric: String) -> (base: String, suffix: String)? {
    for suffix in ["_sum", "_count"] where metric.hasSuffix(suffix) {
      return (String(metric.dropLast(suffix.utf8.count)), suffix)
    }
    return nil
  }

  /// The parts of the same histogram that give a `_sum` or `_count` its meaning.
  private static func siblings(
    of target: ColumnPlan.Target, _ base: String, _ suffix: String
  ) -> [ColumnPlan.Target] {
    var (other, bucket) = (target, target)
    other.metric = base + (suffix == "_sum" ? "_count" : "_sum")
    bucket.metric = base + "_bucket"
    bucket.bound = .infinity
    return [other, bucket]
  }

  /// The columns of all histograms taken.
  func columns() -> [FrameBuilder.Column] {
    parts.flatMap { key, parts in quantileColumns(key, parts) + totalColumns(key, parts) }
  }

  private func quantileColumns(_ key: Key, _ parts: Parts) -> [FrameBuilder.Column] {
    let buckets = parts.buckets.sorted { $0.bound < $1.bound }
    guard let first = buckets.first else { return [] }
    let bounds = buckets.map(\.bound)
    var counts = [Double](repeating: .nan, count: bounds.count)
    var values = Self.quantiles.map { _ in [Double](repeating: .nan, count: grid.count) }
    for row in 0..<grid.count {
      for index in buckets.indices { counts[index] = buckets[index].cells.sums[row] }
      for (index, quantile) in Self.quantiles.enumerated() {
        values[index][row] = histogramQuantile(quantile.value, bounds: bounds, counts: counts)
      }
    }
    let labels = first.cells.labels.filter { $0.key != "le" }
    return zip(Self.quantiles, values).map { quantile, values in
      column(key, quantile.suffix, .gauge, labels, values)
    }
  }

  private func totalColumns(_ key: Key, _ parts: Parts) -> [FrameBuilder.Column] {
    let infinite = parts.buckets.first { $0.bound == .infinity }?.cells
    guard let rate = parts.count ?? infinite else { return [] }
    let labels = rate.labels.filter { $0.key != "le" }
    var columns = [column(key, "rate", .counter, labels, rate.sums)]
    if let sum = parts.sum {
      let means = zip(sum.sums, rate.sums).map { $1 > 0 ? $0 / $1 : .nan }
      columns.append(column(key, "mean", .gauge, labels, means))
    }
    return columns
  }

  private func column(
    _ key: Key, _ suffix: String, _ kind: MetricKind, _ labels: [String: String],
    _ values: [Double]
  ) -> FrameBuilder.Column {
    let name = seriesText("\(key.base):\(suffix)", key.labels.sorted { $0.key < $1.key })
    return FrameBuilder.Column(
      description: MetricColumn(name: name, kind: kind, labels: labels), values: values)
  }
}
