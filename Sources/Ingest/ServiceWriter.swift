internal import Telemetry

/// Hands the services of what was read to a sink, one column after the other.
struct ServiceWriter {
  let grid: TimeGrid
  let series: SeriesCollector
  let configuration: IngestConfiguration

  /// What has to be said of one series.
  private struct Note {
    var member: Int
    var reason: String
    var effect: IngestReport.Effect
    var count: Int
  }

  private var memory: Int { configuration.limits.memoryBytes }

  /// Writes a service's columns.
  ///
  /// - Parameter isFilled: Per grid cell, made true where a column has a value.
  /// - Throws: `IngestError.serviceTooLarge` before the sink hears of the service, `.unsortedSeries`,
  ///   `StorageError`, or what the sink throws.
  func write(
    _ layout: ServiceLayout, to sink: inout some DatasetSink, report: inout IngestReport,
    filling isFilled: inout [Bool]
  ) throws {
    try checkSize(of: layout)
    try sink.beginService(layout.service, columns: layout.columns.map(\.description))
    var notes: [Note] = []
    var spool = try derivedColumns(layout, &notes)
    for case .group(let group) in layout.refused.map(\.origin) {
      // Nobody sees its values, but what was wrong with its samples counts.
      _ = try cells(of: layout.groups[group], layout, &notes)
    }
    for (index, column) in layout.columns.enumerated() {
      let values: [Double]
      switch column.origin {
      case .histogram: values = try spool.take(index)
      case .group(let group):
        let cells = try self.cells(of: layout.groups[group], layout, &notes)
        values = column.description.kind == .gauge ? cells.means : cells.sums
      }
      for row in values.indices where !values[row].isNaN { isFilled[row] = true }
      report.missingCells += values.count { $0.isNaN }
      report.cells += values.count
      try sink.addColumn(values)
    }
    tell(notes, layout, &report)
  }

  /// Refuses a service whose columns cannot be made in the memory that is allowed.
  private func checkSize(of layout: ServiceLayout) throws(IngestError) {
    // A histogram's parts are held together. Beside them: a series, sums, counts and a column.
    let widest = layout.histograms.map { $0.groups.count }.max() ?? 0
    let (cells, overflow) = grid.count.multipliedReportingOverflow(by: widest + 4)
    guard !overflow, cells <= memory / 16 else {
      throw .serviceTooLarge(
        service: layout.service, rows: grid.count, columns: widest + 4, limit: memory / 16)
    }
  }

  /// The columns of all histograms, which are made together and have names that do not follow each
  /// other.
  private func derivedColumns(
    _ layout: ServiceLayout, _ notes: inout [Note]
  ) throws -> ColumnSpool {
    var wanted: [Int: [(index: Int, part: HistogramPlan.Part)]] = [:]
    for (index, column) in layout.columns.enumerated() {
      guard case .histogram(let number, let part) = column.origin else { continue }
      wanted[number, default: []].append((index, part))
    }
    var spool = ColumnSpool(
      rows: grid.count, budget: memory / 8, folder: configuration.scratchFolder)
    for (number, plan) in layout.histograms.enumerated() {
      let cells = try plan.groups.map { try self.cells(of: $0, layout, &notes) }
      for (index, part) in wanted[number] ?? [] {
        try spool.put(plan.values(of: part, cells), as: index)
      }
    }
    return spool
  }

  /// The cells of the series of a group, added up.
  private func cells(
    of group: SeriesGroup, _ layout: ServiceLayout, _ notes: inout [Note]
  ) throws -> Cells {
    var cells: Cells?
    for member in group.members {
      let sampled = try sample(member, group.target.kind, layout, &notes)
      if cells == nil {
        cells = Cells(sampled)
      } else {
        cells?.merge(sampled)
        notes.append(Note(member: member, reason: "merged_series", effect: .changed, count: 1))
      }
    }
    guard let cells else { preconditionFailure("a group without series") }
    return cells
  }

  /// One series on the grid, with notes on what had to be changed.
  private func sample(
    _ member: Int, _ kind: MetricKind, _ layout: ServiceLayout, _ notes: inout [Note]
  ) throws -> [Double] {
    let number = layout.series[member].number
    var sampler = CellSampler(grid: grid, kind: kind)
    let dropped = try series.forEachSample(of: number, memory: memory / 2) { value, time in
      sampler.add(value, at: time)
    }
    for (reason, effect, count) in [
      ("out_of_order", IngestReport.Effect.changed, series.all[number].outOfOrder),
      ("duplicate_timestamp", .skipped, dropped.repeated),
      ("conflicting_timestamp", .skipped, dropped.replaced),
      ("not_finite", .skipped, series.all[number].infinite.count),
      ("outside_range", .skipped, sampler.outside), ("downsampled", .changed, sampler.surplus),
      ("counter_reset", .changed, sampler.resets),
    ] where count > 0 {
      notes.append(Note(member: member, reason: reason, effect: effect, count: count))
    }
    return sampler.cells
  }

  /// Adds notes to the report in the order of the series, whichever was sampled first.
  private func tell(_ notes: [Note], _ layout: ServiceLayout, _ report: inout IngestReport) {
    let ordered = notes.enumerated().sorted {
      ($0.element.member, $0.offset) < ($1.element.member, $1.offset)
    }
    for (_, note) in ordered {
      let (text, number) = layout.series[note.member]
      report.note(
        note.reason, note.effect, in: series.all[number].source, count: note.count, example: text)
    }
    for column in layout.refused {
      report.note(
        "column_name_taken", .skipped, in: "columns",
        example: "\(foreign(layout.service)): \(foreign(column.description.name)) as "
          + layout.meaning(of: column))
    }
  }
}
