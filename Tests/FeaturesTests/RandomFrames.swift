import Features
import LinearAlgebra
import Telemetry

/// Everything the catalogue has, over windows below, at and above the kernels' vector length.
let fullDefinition = FeatureDefinition(
  interval: .minutes(10), windows: [2, 5, 16, 60],
  selected: FeatureSet.full.features(windows: [2, 5, 16, 60]))

/// A service whose columns misbehave in every way that data does.
func randomFrame(rows: Int, seed: UInt64) -> (frame: ServiceFrame, grid: TimeGrid) {
  var generator = Philox(seed: seed, purpose: "frame")
  let late = rows == 0 ? 0 : generator.index(below: rows)
  var total = 0.0
  let names = [
    "steady", "gaps", "late", "constant", "wild", "never", "zeros", "memory_used",
    "memory_max", "requests_total{code=\"200\"}", "requests_total{code=\"500\"}",
  ]
  var values: [Double] = []
  for row in 0..<rows {
    total = generator.uniform() < 0.02 ? 0 : total + generator.uniform()
    let wild = [Double.infinity, -.infinity, 1e300, -1e-300, .nan]
    values += [
      generator.uniform() * 9 - 4, generator.uniform() < 0.4 ? .nan : generator.uniform(),
      row < late ? .nan : total, 7,
      generator.uniform() < 0.1 ? wild[generator.index(below: 5)] : generator.uniform(), .nan,
      generator.uniform() < 0.5 ? -0.0 : 0, 5 + generator.uniform(),
      row % 50 == 0 ? .nan : 10, 90 + generator.uniform(),
      generator.uniform() < 0.3 ? .nan : generator.uniform(),
    ]
  }
  let logs = randomLogs(rows: rows, seed: seed)
  return (
    ServiceFrame(
      service: "cart", columns: names.map { MetricColumn(name: $0, kind: .gauge) },
      values: values, logs: logs),
    TimeGrid(first: Timestamp(seconds: 1_800_000_600), interval: .minutes(10), count: rows)
  )
}

/// Logs with requests that begin and end, errors, silence, and templates that come late.
private func randomLogs(rows: Int, seed: UInt64) -> LogActivity {
  var generator = Philox(seed: seed, purpose: "logs")
  var counts: [LogActivity.Count] = []
  var transitions: [LogActivity.Transition] = []
  for row in 0..<rows where generator.uniform() < 0.9 {
    let pairs = Set((0..<generator.index(below: 5)).map { _ in generator.index(below: 25) })
    for pair in pairs {
      transitions.append(
        .init(row: row, from: pair / 5, to: pair % 5, lines: 1 + generator.index(below: 9)))
    }
    let requests = generator.index(below: 6)
    let lines = [
      requests, requests, generator.index(below: 3), generator.uniform() < 0.1 ? 4 : 0,
      row > rows / 2 && generator.uniform() < 0.2 ? 1 : 0,
    ]
    for (pattern, lines) in lines.enumerated() where lines > 0 {
      counts.append(LogActivity.Count(row: row, pattern: pattern, lines: lines))
    }
  }
  return LogActivity(
    patterns: [
      LogPattern(text: "order <*>", level: .info), LogPattern(text: "shipped it", level: .info),
      LogPattern(text: "cache miss", level: .debug), LogPattern(text: "disk full", level: .error),
      LogPattern(text: "panic: nil map", level: .error),
    ], counts: counts, recorded: (0..<rows).map { $0 % 37 != 5 && !(100..<110).contains($0) },
    transitions: transitions.sorted { ($0.row, $0.from, $0.to) < ($1.row, $1.from, $1.to) })
}

/// A model of all columns, fitted on the first half of the frame, the ones without data too.
func fittedModel(_ frame: ServiceFrame, grid: TimeGrid) -> ServiceFeatureModel {
  let fitted = (0..<grid.count).map { $0 < max(1, grid.count / 2) }
  var model = ServiceFeatureModel(
    service: "cart", metricColumns: frame.columns.map(\.name),
    metricKinds: frame.columns.map(\.kind),
    logs: frame.logs.flatMap { LogChannels.fit($0, isFitted: fitted, limit: 2) },
    channelScaling: [], featureScaling: [])
  model.channelScaling = model.channels.indices.map { channel in
    let column = (0..<grid.count).map { row in
      channel < frame.columns.count ? frame.row(row)[row * frame.columns.count + channel] : 0
    }
    // Values of 1e300 have no finite deviation.
    return RobustSummary(of: column.filter { abs($0) < 1e9 }) ?? RobustSummary(median: 0, scale: 1)
  }
  model.fitFeatures(frame, grid: grid, isFitted: fitted, definition: fullDefinition)
  return model
}

/// The observations of a frame, one row at a time.
func streamed(
  _ frame: ServiceFrame, grid: TimeGrid, model: ServiceFeatureModel
) -> [Observation] {
  var extractor = FeatureExtractor(definition: fullDefinition, model: model)
  return FrameRows(frame: frame, grid: grid, columns: model.metricColumns)
    .map { extractor.push($0) }
}

/// The first value that differs in any bit, all kinds of NaN being alike; nil when none does.
func difference(
  _ ours: some Collection<Observation>, _ theirs: some Collection<Observation>,
  model: ServiceFeatureModel
) -> String? {
  let features = FeatureModel(definition: fullDefinition, services: [model])
    .featureNames(of: model)
  let names = model.channels + features
  guard ours.count == theirs.count else { return "\(ours.count) rows for \(theirs.count)" }
  for (row, (a, b)) in zip(ours, theirs).enumerated() {
    guard a.time == b.time, a.isWarm == b.isWarm else { return "row \(row): time or warmth" }
    let (left, right) = (a.channels + a.features, b.channels + b.features)
    guard left.count == names.count, right.count == names.count else {
      return "row \(row): \(left.count) and \(right.count) values for \(names.count) names"
    }
    for (name, (x, y)) in zip(names, zip(left, right))
    where x.bitPattern != y.bitPattern && !(x.isNaN && y.isNaN) {
      return "row \(row), \(name): \(x) and \(y)"
    }
  }
  return nil
}
