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
    /// What the user may do about it.
    var advice = ""
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
      _ = try cells(of: layout.groups[group], layout, isHistogram: false, &notes)
    }
    for (index, column) in layout.columns.enumerated() {
      let values: [Double]
      switch column.origin {
      case .histogram: values = try spool.take(index)
      case .group(let group):
        let cells = try self.cells(of: layout.groups[group], layout, isHistogram: false, &notes)
        values = column.description.kind == .gauge ? cells.means : cells.sums
      }
      for row in values.indices where !values[row].isNaN { isFilled[row] = true }
      report.missingCells += values.count { $0.isNaN }
      report.cells += values.count
      if column.origin.showsGaps { report.countGaps(in: values) }
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
      let cells = try plan.groups.map {
        try self.cells(of: $0, layout, isHistogram: true, &notes)
      }
      for (index, part) in wanted[number] ?? [] {
        try spool.put(plan.values(of: part, cells), as: index)
      }
    }
    return spool
  }

  /// The cells of the series of a group, added up.
  private func cells(
    of group: SeriesGroup, _ layout: ServiceLayout, isHistogram: Bool, _ notes: inout [Note]
  ) throws -> Cells {
    var cells: Cells?
    for member in group.members {
      let sampled = try sample(
        member, group.target.kind, layout, isHistogram: isHistogram, &notes)
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
    _ member: Int, _ kind: MetricKind, _ layout: ServiceLayout, isHistogram: Bool,
    _ notes: inout [Note]
  ) throws -> [Double] {
    let number = layout.series[member].number
    let read = series.all[number]
    let isGuessed = !isHistogram && isGuessed(read)
    var (sampler, spacing) = (CellSampler(grid: grid, kind: kind), SampleSpacing())
    var behaviour = SampleBehaviour()
    let dropped = try series.forEachSample(of: number, memory: memory / 2) { value, time in
      sampler.add(value, at: time)
      spacing.add(time)
      if isGuessed { behaviour.add(value) }
    }
    for (reason, effect, count) in [
      ("out_of_order", IngestReport.Effect.changed, read.outOfOrder),
      ("duplicate_timestamp", .skipped, dropped.repeated),
      ("conflicting_timestamp", .skipped, dropped.replaced),
      ("not_finite", .skipped, read.infinite.count), ("nan_sample", .changed, read.missing),
      ("outside_range", .skipped, sampler.outside), ("downsampled", .changed, sampler.surplus),
      ("counter_reset", .changed, sampler.resets),
      ("interval_changed", .noted, spacing.changes), ("clock_shift", .noted, spacing.shifts),
    ] where count > 0 {
      notes.append(Note(member: member, reason: reason, effect: effect, count: count))
    }
    if isGuessed, let other = otherKind(than: kind, behaviour) {
      // A clock and what is measured with it may grow for ever.
      if other == .gauge || !read.metric.contains("time") {
        notes.append(
          Note(
            member: member, reason: "looks_like_\(other)", effect: .noted, count: 1,
            advice: ", read as a \(kind); if it is a \(other), set reader.kinds"))
      }
    }
    return sampler.cells
  }

  /// Whether nothing but its name says of what kind a series is.
  private func isGuessed(_ read: RawSeries) -> Bool {
    configuration.kinds[read.metric] == nil && read.kind == nil && series.kinds[read.metric] == nil
  }

  /// What a series behaves like, if it is not its kind.
  private func otherKind(than kind: MetricKind, _ behaviour: SampleBehaviour) -> MetricKind? {
    switch kind {
    case .gauge: behaviour.looksLikeCounter ? .counter : nil
    case .counter: behaviour.looksLikeGauge ? .gauge : nil
    case .state: nil
    }
  }

  /// Adds notes to the report in the order of the series, whichever was sampled first.
  private func tell(_ notes: [Note], _ layout: ServiceLayout, _ report: inout IngestReport) {
    let ordered = notes.enumerated().sorted {
      ($0.element.member, $0.offset) < ($1.element.member, $1.offset)
    }
    for (_, note) in ordered {
      let (text, number) = layout.series[note.member]
      report.note(
        note.reason, note.effect, in: series.all[number].source, count: note.count,
        example: text + note.advice)
    }
    for column in layout.refused {
      report.note(
        "column_name_taken", .skipped, in: "columns",
        example: "\(foreign(layout.service)): \(foreign(column.description.name)) as "
          + layout.meaning(of: column))
    }
  }
}
