internal import Telemetry

/// The raw parts of one histogram or summary, and the columns made of them.
///
/// For a metric `m`: `m_bucket` series become `m:p50`, `m:p95` and `m:p99`, estimated per cell from
/// the buckets' rates; `m_sum` and `m_count` together become `m:mean` (the mean observation of the
/// cell) and `m:rate` (observations per second). Without `m_count` the `+Inf` bucket gives the
/// rate. Cells without observations have a rate of 0 and no quantiles and no mean. A `_sum` or
/// `_count` alone stays a counter under its own name.
struct HistogramPlan {
  /// A column made of a histogram.
  enum Part: Equatable {
    case quantile(Double)
    case rate
    case mean
  }

  private static let quantiles: [(suffix: String, value: Double)] = [
    ("p50", 0.5), ("p95", 0.95), ("p99", 0.99),
  ]

  /// What the names of derived columns end in.
  static let suffixes = quantiles.map(\.suffix) + ["rate", "mean"]

  private let base: String
  private let labels: [String: String]
  /// In ascending order of their bounds.
  private(set) var buckets: [(bound: Double, group: SeriesGroup)] = []
  private(set) var sum: SeriesGroup?
  private(set) var count: SeriesGroup?

  private init(base: String, labels: [String: String]) { (self.base, self.labels) = (base, labels) }

  /// All of its series, a group per bucket and total.
  var groups: [SeriesGroup] { buckets.map(\.group) + [sum, count].compactMap { $0 } }

  private var rateGroup: SeriesGroup? { count ?? buckets.first { $0.bound == .infinity }?.group }

  /// The columns, and how each is made.
  var columns: [(description: MetricColumn, part: Part)] {
    var columns: [(MetricColumn, Part)] = []
    if let first = buckets.first?.group {
      columns = Self.quantiles.map {
        (description($0.suffix, .gauge, first.labels), .quantile($0.value))
      }
    }
    if let rate = rateGroup {
      columns.append((description("rate", .counter, rate.labels), .rate))
      if sum != nil { columns.append((description("mean", .gauge, rate.labels), .mean)) }
    }
    return columns
  }

  private func description(
    _ suffix: String, _ kind: MetricKind, _ labels: [String: String]
  ) -> MetricColumn {
    MetricColumn(
      name: seriesText("\(base):\(suffix)", self.labels.sorted { $0.key < $1.key }), kind: kind,
      labels: labels.filter { $0.key != "le" })
  }

  /// The values of a column, [rows].
  ///
  /// - Parameter cells: The rates of `groups`, in their order, each [rows].
  func values(of part: Part, _ cells: [Cells]) -> [Double] {
    let rates = cells.prefix(buckets.count).map(\.sums)
    let totals = cells[buckets.count...].map(\.sums)
    switch part {
    case .quantile(let quantile):
      let bounds = buckets.map(\.bound)
      var counts = [Double](repeating: .nan, count: bounds.count)
      return rates[0].indices.map { row in
        for index in bounds.indices { counts[index] = rates[index][row] }
        return histogramQuantile(quantile, bounds: bounds, counts: counts)
      }
    case .rate: return rate(rates, totals)
    case .mean: return zip(totals[0], rate(rates, totals)).map { $1 > 0 ? $0 / $1 : .nan }
    }
  }

  private func rate(_ rates: [[Double]], _ totals: [[Double]]) -> [Double] {
    if count != nil, let last = totals.last { return last }
    guard let last = rates.last else { preconditionFailure("a rate of neither count nor bucket") }
    return last
  }
}

extension HistogramPlan {
  private struct Key: Hashable {
    var base: String
    var labels: [String: String]
  }

  /// Takes the groups that belong to histograms out of those of a service.
  ///
  /// - Returns: The histograms in the order of their first series.
  static func take(from groups: inout [SeriesGroup]) -> [HistogramPlan] {
    let targets = Set(groups.map(\.target))
    var numbers: [Key: Int] = [:]
    var plans: [HistogramPlan] = []
    func number(of base: String, _ target: ColumnPlan.Target) -> Int {
      let key = Key(base: base, labels: target.labels)
      if let number = numbers[key] { return number }
      numbers[key] = plans.count
      plans.append(HistogramPlan(base: base, labels: target.labels))
      return plans.count - 1
    }
    groups.removeAll { group in
      let target = group.target
      if let bound = target.bound {
        let number = number(of: String(target.metric.dropLast(7)), target)
        plans[number].buckets.append((bound, group))
        return true
      }
      guard target.kind == .counter, let (base, suffix) = split(target.metric),
        siblings(of: target, base, suffix).contains(where: targets.contains)
      else { return false }
      let number = number(of: base, target)
      if suffix == "_sum" { plans[number].sum = group } else { plans[number].count = group }
      return true
    }
    for index in plans.indices { plans[index].buckets.sort { $0.bound < $1.bound } }
    return plans
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
}
