internal import Telemetry

/// Which runs are meant, and in which order.
public struct RunQuery: Hashable, Sendable {
  /// Only runs of this configuration's name.
  public var name: String?
  /// Only runs with all of these tags.
  public var tags: [String] = []
  /// Only runs of this kind.
  public var kind: RunRecord.Kind?
  /// Only trials of this search.
  public var study: String?
  /// The figure to sort by, `detector.metric`; the best first, runs without it last. Nil for the
  /// newest first.
  public var sort: String?
  /// Whether the order is the other way around; runs without the figure stay last.
  public var isReversed = false
  /// Most runs; nil for all.
  public var limit: Int?

  /// All runs, the newest first.
  public init() {}

  /// The figure to sort by in its two parts.
  ///
  /// - Throws: `ExperimentsError.invalidMetric` for one without a point.
  var sortKey: (detector: String, metric: String)? {
    get throws(ExperimentsError) {
      guard let sort else { return nil }
      guard let point = sort.firstIndex(of: "."), point != sort.startIndex,
        sort.index(after: point) != sort.endIndex
      else { throw .invalidMetric(sort, known: []) }
      return (String(sort[..<point]), String(sort[sort.index(after: point)...]))
    }
  }
}
