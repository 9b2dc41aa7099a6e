internal import LinearAlgebra
internal import Telemetry

/// Whether a detector's boundary holds in the test time what calibration promised.
public struct BoundaryCheck: Hashable, Sendable {
  /// The detector's name.
  public var detector: String
  /// The share of quiet test cells at the boundary or above; nil without a scored one.
  public var quietShare: Double?
  /// The share of the calibration time's cells at the boundary or above, known incidents included;
  /// nil without a scored one.
  public var calibrationShare: Double?
  /// Scores that 50, 90, 99 and 99.9 % of the quiet test cells do not exceed; nil without any.
  public var quietQuantiles: [Double]?

  /// The probabilities of `quietQuantiles`.
  public static let probabilities = [0.5, 0.9, 0.99, 0.999]
}

extension BoundaryCheck {
  init(
    _ detector: DetectorScores, marks: CellMarks, grid: TimeGrid, calibration: [TimeRange]
  ) {
    let cells = calibration.flatMap { Array(grid.indices(in: $0)) }
    var quiet: [Double] = []
    var (seen, above) = (0, 0)
    for (service, marks) in zip(detector.services, marks.services) {
      for (score, mark) in zip(service.scores, marks) where mark.isQuiet && !score.isNaN {
        quiet.append(Double(score))
      }
      for cell in cells where !service.scores[cell].isNaN {
        seen += 1
        if service.scores[cell] >= alertBoundary { above += 1 }
      }
    }
    quiet.sort()
    let alarmed = quiet.count { $0 >= Double(alertBoundary) }
    self.init(
      detector: detector.name,
      quietShare: quiet.isEmpty ? nil : Double(alarmed) / Double(quiet.count),
      calibrationShare: seen == 0 ? nil : Double(above) / Double(seen),
      quietQuantiles: quiet.isEmpty
        ? nil : Self.probabilities.map { quantile(ofSorted: quiet, $0) })
  }
}
