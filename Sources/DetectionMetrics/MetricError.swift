/// Why scores, labels or alarms could not be measured.
public enum MetricError: Error, Equatable, CustomStringConvertible {
  /// Two sequences that must be equally long are not.
  case countsDiffer(what: String, count: Int, other: String, otherCount: Int)
  /// A score is NaN or infinite.
  case scoreNotFinite(index: Int, value: String)
  /// A range is empty or leaves the series.
  case rangeOutOfBounds(position: Int, range: Range<Int>, count: Int)
  /// A range begins before the one before it ends.
  case rangesOverlap(position: Int, range: Range<Int>, previous: Range<Int>)
  /// A parameter is outside of what the metric is defined for.
  case invalidParameter(name: String, value: String, allowed: String)

  /// One line: what does not fit, where, and what to do.
  public var description: String {
    switch self {
    case .countsDiffer(let what, let count, let other, let otherCount):
      return "\(count) \(what) for \(otherCount) \(other); give one of each per point"
    case .scoreNotFinite(let index, let value):
      return "score \(index) is \(value); leave points without a score out of both sequences"
    case .rangeOutOfBounds(let position, let range, let count):
      return "range \(position) (\(range)) is empty or leaves the series of \(count) points; "
        + "cut ranges to the series"
    case .rangesOverlap(let position, let range, let previous):
      return "range \(position) (\(range)) begins before the one before it (\(previous)) ends; "
        + "sort ranges and merge those that overlap"
    case .invalidParameter(let name, let value, let allowed):
      return "\(name) is \(value); it must be \(allowed)"
    }
  }
}

/// Refuses a parameter outside of `allowed`.
func require<Value>(
  _ name: String, _ value: Value, _ holds: Bool, _ allowed: String
) throws(MetricError) {
  guard holds else {
    throw .invalidParameter(name: name, value: "\(value)", allowed: allowed)
  }
}
