internal import Telemetry

/// Lays the series of one service out on a grid.
struct FrameBuilder {
  let grid: TimeGrid
  let kinds: [String: MetricKind]

  /// The values of one column while series are added to it.
  struct Cells {
    /// Sums over the series, [grid.count]; NaN where none has a value.
    var sums: [Double]
    /// Series with a value, [grid.count]; empty as long as there is one series.
    var counts: [Int32] = []
    /// Labels that all series of the column share.
    var labels: [String: String]
    /// The series so far.
    var series = 1

    init(_ cells: [Double], labels: [String: String]) { (sums, self.labels) = (cells, labels) }

    /// Adds another series.
    mutating func merge(_ cells: [Double], labels other: [String: String]) {
      if counts.isEmpty { counts = sums.map { $0.isNaN ? 0 : 1 } }
      for row in sums.indices where !cells[row].isNaN {
        sums[row] = counts[row] == 0 ? cells[row] : sums[row] + cells[row]
        counts[row] += 1
      }
      labels = labels.filter { other[$0.key] == $0.value }
      series += 1
    }

    /// The mean over the series that have a value, [grid.count].
    var means: [Double] {
      counts.isEmpty ? sums : zip(sums, counts).map { $1 > 1 ? $0 / Double($1) : $0 }
    }
  }

  /// A finished column.
  struct Column {
    var description: MetricColumn
    /// [grid.count]
    var values: [Double]
  }

  /// Makes the columns of a service in ascending order of their names.
  func columns(
    of series: [RawSeries], service: String, report: inout IngestReport
  ) -> [Column] {
    let plan = ColumnPlan(service: service, kinds: kinds)
    // Sums of floating-point numbers depend on the order, so it must not be that of the files.
    let ordered = series.map { (text: canonical($0.labels), series: $0) }
      .sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    var cells: [ColumnPlan.Target: Cells] = [:]
    for (text, series) in ordered {
      let target = plan.target(of: series)
      let sampled = sample(series, target.kind, text, &report)
      if cells[target] == nil {
        cells[target] = Cells(sampled, labels: series.labels)
      } else {
        cells[target]?.merge(sampled, labels: series.labels)
        report.note("merged_series", .changed, in: series.source, example: text)
      }
    }
    var histograms = HistogramColumns(grid: grid)
    let plain = histograms.take(from: cells)
    let columns = plain.map { target, cells in
      Column(
        description: MetricColumn(
          name: seriesText(target.metric, target.labels.sorted { $0.key < $1.key }),
          kind: target.kind, labels: cells.labels),
        values: target.kind == .gauge ? cells.means : cells.sums)
    }
    return distinct(columns, histograms.columns(), service, &report)
  }

  /// The columns in ascending order of their names, one for each name.
  ///
  /// Two may claim a name when a metric is both exported and derived from a histogram, both a gauge
  /// and a counter, or when labels have such names that they read like others. An exported gauge
  /// stays before an exported counter and that before a derived column, then the one whose labels
  /// come first, so that the choice does not depend on the order of reading.
  private func distinct(
    _ exported: [Column], _ derived: [Column], _ service: String, _ report: inout IngestReport
  ) -> [Column] {
    let claims =
      exported.map { Claim($0, isDerived: false) }
      + derived.map { Claim($0, isDerived: true) }
    var columns: [Column] = []
    for claim in claims.sorted(by: Claim.comesFirst) {
      let name = claim.column.description.name
      guard columns.last?.description.name != name else {
        report.note(
          "column_name_taken", .skipped, in: "columns",
          example: "\(foreign(service)): \(foreign(name)) as \(claim.meaning)")
        continue
      }
      columns.append(claim.column)
    }
    return columns
  }

  /// A column that is to have its name.
  private struct Claim {
    let column: Column
    private let isDerived: Bool
    private let name: [UInt8]
    /// Keys and values by turns: as one text they may read like others.
    private let labels: [String]

    init(_ column: Column, isDerived: Bool) {
      (self.column, self.isDerived) = (column, isDerived)
      name = Array(column.description.name.utf8)
      labels = column.description.labels.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
    }

    private var rank: Int { isDerived ? 2 : column.description.kind == .counter ? 1 : 0 }

    /// What the column would have been, in the report's words.
    var meaning: String {
      isDerived ? "derived from a histogram" : "an exported \(column.description.kind)"
    }

    static func comesFirst(_ a: Claim, _ b: Claim) -> Bool {
      if a.name != b.name { return a.name.lexicographicallyPrecedes(b.name) }
      if a.rank != b.rank { return a.rank < b.rank }
      return a.labels.lexicographicallyPrecedes(b.labels)
    }
  }

  /// One series on the grid, with notes on what had to be changed.
  private func sample(
    _ series: RawSeries, _ kind: MetricKind, _ text: String, _ report: inout IngestReport
  ) -> [Double] {
    let ordered = OrderedSamples(series)
    func note(_ reason: String, _ effect: IngestReport.Effect, _ count: Int) {
      report.note(reason, effect, in: series.source, count: count, example: text)
    }
    note("out_of_order", .changed, series.outOfOrder)
    note("duplicate_timestamp", .skipped, ordered.repeated)
    note("conflicting_timestamp", .skipped, ordered.replaced)
    note("not_finite", .skipped, series.infinite.count)
    let range = grid.range
    let outside = ordered.times.count { !range.contains(Timestamp(milliseconds: $0)) }
    note("outside_range", .skipped, outside)
    switch kind {
    case .gauge:
      let (cells, surplus) = ordered.lastPerCell(of: grid)
      note("downsampled", .changed, surplus)
      return cells
    case .counter:
      let (cells, resets) = ordered.ratePerCell(of: grid)
      note("counter_reset", .changed, resets)
      return cells
    }
  }
}
