internal import Storage
internal import Telemetry

/// One series as it was read.
struct RawSeries {
  /// All labels, the metric's name as `__name__`.
  let labels: [String: String]
  /// The service, where the reader knows it better than the labels.
  let service: String?
  /// The kind, where the reader knows it better than the name's suffix.
  let kind: MetricKind?
  /// The file it was first seen in.
  let source: String
  /// The finite samples.
  var samples = SampleTrack()
  /// Samples earlier than their predecessor in the same file.
  var outOfOrder = 0
  /// Samples that are NaN: markers of staleness and results that are no number.
  var missing = 0
  /// Infinite samples, which were left out, and when the first was taken.
  var infinite: (count: Int, first: Int64) = (0, 0)
  private var file = -1
  private var lastTime = Int64.min

  init(labels: [String: String], service: String?, kind: MetricKind?, source: String) {
    (self.labels, self.service, self.kind, self.source) = (labels, service, kind, source)
  }

  var metric: String { labels["__name__"] ?? "value" }

  /// Takes a sample; one that is not finite only shows that there was a scrape.
  ///
  /// - Returns: By how many bytes memory has grown.
  @inline(__always)
  fileprivate mutating func take(_ value: Double, at time: Int64, in file: Int) -> Int {
    if self.file != file {
      self.file = file
    } else if time < lastTime {
      outOfOrder += 1
    }
    lastTime = time
    if value.isFinite { return samples.append(value, at: time) }
    if value.isInfinite {
      if infinite.count == 0 { infinite.first = time }
      infinite.count += 1
    } else if value.bitPattern != Double.blank.bitPattern {
      missing += 1
    }
    return 0
  }

  /// Takes finite samples that are `step` apart, which is positive; returns as `take(_:at:in:)`.
  fileprivate mutating func take(
    _ values: ArraySlice<Double>, from first: Int64, step: Int64, in file: Int
  ) -> Int {
    if self.file == file, first < lastTime { outOfOrder += 1 }
    self.file = file
    lastTime = first + Int64(values.count - 1) * step
    return samples.append(values, from: first, step: step)
  }
}

extension Double {
  /// What an empty field of a table stands for: there was a row, but no sample, not even one that is
  /// NaN. It is a NaN with a payload of its own.
  static let blank = Double(nan: 1, signaling: false)
}

/// Gathers samples into series, in bounded memory.
struct SeriesCollector {
  private struct Key: Hashable {
    var labels: [String: String]
    var service: String?
  }

  private let limit: Int
  let bounds: InstantBounds
  private let budget: Int
  private var index: [Key: Int] = [:]
  private var files: [String] = []
  private(set) var all: [RawSeries] = []
  /// The samples of all series.
  private(set) var store: SampleStore
  /// Samples read, also missing and infinite ones.
  private(set) var samples = 0
  /// The time of all samples, also missing ones.
  private(set) var covered = CoveredTime()
  /// Where samples with a value lie within the interval.
  private(set) var offsets: OffsetTally
  /// What metadata says of metrics, for all of their series in all files.
  private(set) var kinds: [String: MetricKind] = [:]

  /// Makes a collector without series.
  ///
  /// - Parameter budget: The bytes that samples may have in memory.
  init(_ configuration: IngestConfiguration, budget: Int) {
    limit = configuration.limits.series
    bounds = InstantBounds(configuration.limits)
    offsets = OffsetTally(interval: configuration.interval)
    store = SampleStore(budget: budget, folder: configuration.scratchFolder)
    self.budget = budget
  }

  mutating func beginFile(_ path: String) { files.append(path) }

  /// The sample that stretches the grid most, for people.
  func farthest() throws -> String {
    let middles = try all.filter { $0.samples.count > 0 }.map {
      try store.time(at: $0.samples.count / 2, of: $0.samples)
    }
    let end = covered.farEnd(middles: middles)
    return "the sample at \(Timestamp(milliseconds: end.time)) of series "
      + "\(quoted(canonical(all[end.owner].labels))) in \(files[end.file])"
  }

  /// The number of the series with these labels, which is made if it is new.
  mutating func number(
    labels: [String: String], service: String? = nil, kind: MetricKind? = nil,
    in source: SourceText
  ) throws(IngestError) -> Int {
    try number(
      labels: labels, service: service, kind: kind, path: source.path, name: source.name)
  }

  /// As `number(labels:service:kind:in:)`, for series of what need not be a file.
  ///
  /// - Parameters:
  ///   - path: What errors call their source.
  ///   - name: What the report calls it.
  mutating func number(
    labels: [String: String], service: String? = nil, kind: MetricKind? = nil, path: String,
    name: String
  ) throws(IngestError) -> Int {
    let key = Key(labels: labels, service: service)
    if let number = index[key] { return number }
    guard all.count < limit else { throw .tooManySeries(path: path, limit: limit) }
    index[key] = all.count
    all.append(RawSeries(labels: labels, service: service, kind: kind, source: name))
    // Series of a sample or two each would otherwise fill the store over and over.
    store.budget = max(budget, 256 * all.count)
    return all.count - 1
  }

  /// Notes what metadata says of a metric; a metric that is described as both is a gauge, since the
  /// level of a counter misleads less than the increase of a gauge.
  ///
  /// - Returns: Whether that contradicts what was said of it before.
  mutating func describe(
    _ metric: String, _ kind: MetricKind, in source: SourceText
  ) throws(IngestError) -> Bool {
    if let known = kinds[metric] {
      guard known != kind else { return false }
      kinds[metric] = .gauge
      return true
    }
    guard kinds.count < 4 * limit else { throw .tooManySeries(path: source.path, limit: limit) }
    kinds[metric] = kind
    return false
  }

  /// Adds a sample. NaN is missing: it only shows that there was a scrape. Infinite ones are left
  /// out and counted.
  ///
  /// - Parameter line: The sample's line in the file, where there is one.
  /// - Throws: `IngestError.strayInstant`, or `.storage` when samples that have no room in memory
  ///   have none on the disk either.
  @inline(__always)
  mutating func append(
    _ value: Double, at time: Int64, to number: Int, line: Int? = nil
  ) throws(IngestError) {
    let file = files.count - 1
    try bounds.check(
      time, of: "series \(quoted(canonical(all[number].labels)))", path: files[file], line: line)
    samples += 1
    covered.add(time, owner: number, file: file)
    store.held += all[number].take(value, at: time, in: file)
    if value.isFinite { offsets.add(time) }
    if store.isFull { try spill() }
  }

  /// Adds samples of one series as `append(_:at:to:line:)` does, in far less time for those that
  /// are finite and evenly spaced.
  ///
  /// - Parameter line: The first sample's line in the file, where each has one of its own.
  /// - Precondition: There are as many values as times.
  mutating func append(
    _ values: ArraySlice<Double>, at times: ArraySlice<Int64>, to number: Int, line: Int? = nil
  ) throws(IngestError) {
    precondition(values.count == times.count, "\(values.count) values at \(times.count) times")
    try append(values, at: times, step: evenStep(of: times), to: number, line: line)
  }

  /// Adds the rows of a table column by column.
  ///
  /// - Parameter numbers: The series of each column, all different.
  mutating func append(columnsOf rows: RowBuffer, to numbers: [Int]) throws(IngestError) {
    let step = evenStep(of: rows.times)
    for (column, number) in numbers.enumerated() {
      try append(rows.column(column), at: rows.times, step: step, to: number, line: nil)
    }
  }

  private mutating func append(
    _ values: ArraySlice<Double>, at times: ArraySlice<Int64>, step: Int64?, to number: Int,
    line: Int?
  ) throws(IngestError) {
    guard let first = times.first, let last = times.last, let step,
      bounds.holds(first), bounds.holds(last), areFinite(values)
    else {
      for (index, (value, time)) in zip(values, times).enumerated() {
        try append(value, at: time, to: number, line: line.map { $0 + index })
      }
      return
    }
    let file = files.count - 1
    samples += times.count
    covered.add(first, owner: number, file: file)
    covered.add(last, owner: number, file: file)
    offsets.add(times, step: step)
    store.held += all[number].take(values, from: first, step: step, in: file)
    if store.isFull { try spill() }
  }

  private mutating func spill() throws(IngestError) {
    do throws(StorageError) {
      for number in all.indices { try store.spill(&all[number].samples) }
      try store.endSpill()
    } catch {
      throw .storage(error)
    }
  }
}

/// The distance between instants that are all equally far apart, ascending; nil for others and for
/// fewer than two.
private func evenStep(of times: ArraySlice<Int64>) -> Int64? {
  guard times.count > 1 else { return nil }
  let start = times.startIndex
  let (step, overflow) = times[start + 1].subtractingReportingOverflow(times[start])
  guard !overflow, step > 0 else { return nil }
  for index in start + 1..<times.endIndex where times[index] &- times[index - 1] != step {
    return nil
  }
  return step
}

private func areFinite(_ values: ArraySlice<Double>) -> Bool {
  // Without a way out, so that several are looked at in one step.
  var areFinite = true
  for value in values where !value.isFinite { areFinite = false }
  return areFinite
}
