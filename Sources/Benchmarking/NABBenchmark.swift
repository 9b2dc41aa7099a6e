public import Diagnostics
internal import Ingest
internal import DetectionMetrics
internal import Pipeline

/// The Numenta Anomaly Benchmark by its own rules: detectors stream through every series, its first
/// 15 % (of 5,000 rows at most) are not scored, and windows pay once.
///
/// No label is used before scores are there. Then two kinds of score are computed: at the boundary
/// that each detector fixed beforehand, and as the benchmark publishes them, at the threshold that is
/// best for the whole corpus.
public struct NABBenchmark: Sendable {
  private let folder: String
  private let threads: Int
  private let progress: ProgressSink

  /// Makes a run.
  ///
  /// - Parameters:
  ///   - folder: The dataset's folder.
  ///   - threads: Series worked on at once; results do not depend on it.
  public init(folder: String, threads: Int, progress: @escaping ProgressSink) {
    (self.folder, self.threads, self.progress) = (folder, threads, progress)
  }

  /// Runs the parts.
  ///
  /// - Throws: `IngestError` for a series that cannot be read.
  public func callAsFunction(parts: [String]) async throws -> NABResult {
    let counter = ProgressCounter(stage: "benchmark", total: parts.count, sink: progress)
    let folder = folder
    let scored = try await concurrentMap(parts, limit: threads) { part in
      defer { counter.advance(part) }
      let series = try NABSeries(part: part, in: folder)
      let probation = probationaryPoints(series.values.count)
      return NABScoredSeries(
        series: series, windows: try EventRanges(series.windows, count: series.values.count),
        scores: NABDetector.allCases.map { $0.scores(series, probation: probation) })
    }
    return try NABResult(series: scored)
  }
}

/// A series with what every detector said about it.
struct NABScoredSeries: Sendable {
  let series: NABSeries
  let windows: EventRanges
  /// In the order of `NABDetector.allCases`, [detectors][rows].
  let scores: [[Double]]
}
