internal import Telemetry

/// The samples of one series in the order of reading.
struct RawSeries {
  /// All labels, the metric's name as `__name__`.
  let labels: [String: String]
  /// The service, where the reader knows it better than the labels.
  let service: String?
  /// The kind, where the reader knows it better than the name's suffix.
  let kind: MetricKind?
  /// The file it was first seen in.
  let source: String
  /// Milliseconds since 1970, [samples].
  var times: [Int64] = []
  /// Finite values, [samples].
  var values: [Double] = []
  /// Samples earlier than their predecessor in the same file.
  var outOfOrder = 0
  /// Infinite samples, which were left out, and when the first was taken.
  var infinite: (count: Int, first: Int64) = (0, 0)
  fileprivate var file = -1
  fileprivate var lastTime = Int64.min

  var metric: String { labels["__name__"] ?? "value" }
}

/// Gathers samples into series.
struct SeriesCollector {
  private struct Key: Hashable {
    var labels: [String: String]
    var service: String?
  }

  private let limit: Int
  private let bounds: InstantBounds
  private var index: [Key: Int] = [:]
  private var files: [String] = []
  private(set) var all: [RawSeries] = []
  /// Samples read, also missing and infinite ones.
  private(set) var samples = 0
  /// The time of all samples, also missing ones.
  private(set) var covered = CoveredTime()

  init(limit: Int, bounds: InstantBounds) { (self.limit, self.bounds) = (limit, bounds) }

  mutating func beginFile(_ path: String) { files.append(path) }

  /// The sample that stretches the grid most, for people.
  var farthest: String {
    let end = covered.farEnd(
      middles: all.filter { !$0.times.isEmpty }.map { $0.times[$0.times.count / 2] })
    return "the sample at \(Timestamp(milliseconds: end.time)) of series "
      + "\(quoted(canonical(all[end.owner].labels))) in \(files[end.file])"
  }

  /// The number of the series with these labels, which is made if it is new.
  mutating func number(
    labels: [String: String], service: String? = nil, kind: MetricKind? = nil,
    in source: SourceText
  ) throws(IngestError) -> Int {
    let key = Key(labels: labels, service: service)
    if let number = index[key] { return number }
    guard all.count < limit else { throw .tooManySeries(path: source.path, limit: limit) }
    index[key] = all.count
    all.append(RawSeries(labels: labels, service: service, kind: kind, source: source.name))
    return all.count - 1
  }

  /// Adds a sample. NaN is missing: it only shows that there was a scrape. Infinite ones are left
  /// out and counted.
  ///
  /// - Parameter line: The sample's line in the file, where there is one.
  /// - Throws: `IngestError.strayInstant`.
  mutating func append(
    _ value: Double, at time: Int64, to number: Int, line: Int? = nil
  ) throws(IngestError) {
    let file = files.count - 1
    try bounds.check(
      time, of: "series \(quoted(canonical(all[number].labels)))", path: files[file], line: line)
    samples += 1
    covered.add(time, owner: number, file: file)
    if all[number].file != file {
      all[number].file = file
    } else if time < all[number].lastTime {
      all[number].outOfOrder += 1
    }
    all[number].lastTime = time
    guard value.isFinite else {
      if value.isInfinite {
        if all[number].infinite.count == 0 { all[number].infinite.first = time }
        all[number].infinite.count += 1
      }
      return
    }
    all[number].times.append(time)
    all[number].values.append(value)
  }
}
