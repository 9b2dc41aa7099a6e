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
    let exported = Set(columns.map(\.description.name))
    let derived = histograms.columns().filter { column in
      guard exported.contains(column.description.name) else { return true }
      report.note(
        "column_name_taken", .skipped, in: "histograms",
        example: "\(service): \(column.description.name) is exported as well as derived")
      return false
    }
    return (columns + derived).sorted {
      $0.description.name.utf8.lexicographicallyPrecedes($1.description.name.utf8)
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
