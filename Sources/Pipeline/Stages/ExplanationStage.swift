public import Scoring
public import Telemetry

/// Explanations of a dataset's anomalous cells, services in order, cells by time.
public struct ExplanationTable: Hashable, Sendable {
  /// The cells.
  public var cells: [CellExplanation]

  /// Comma-separated text: a line per cell and cause, the strongest cause first.
  ///
  /// Empty bounds of what is expected are infinite; both are empty when no value would do.
  public func csv() -> [UInt8] {
    var text =
      "time,service,score,rank,feature,value,expected_from,expected_to,contribution\n"
    func number(_ value: Double?) -> String { value.map { $0.isFinite ? "\($0)" : "" } ?? "" }
    for cell in cells {
      for (rank, cause) in cell.causes.enumerated() {
        let fields = [
          cell.time.description, csvField(cell.service), "\(cell.score)", "\(rank + 1)",
          csvField(cause.feature), number(cause.value), number(cause.expected?.lowerBound),
          number(cause.expected?.upperBound), "\(cause.contribution)",
        ]
        text += fields.joined(separator: ",") + "\n"
      }
    }
    return Array(text.utf8)
  }
}

extension ScoreStage {
  /// Explains every cell in which the model's isolation forest is at its boundary or above.
  ///
  /// - Parameters:
  ///   - services: The services that were scored.
  ///   - causes: Features named for each cell at most.
  public func explanations(
    _ model: ScoringModel, _ dataset: Dataset, services: [String], causes: Int
  ) async throws -> ExplanationTable {
    let grid = dataset.grid
    let scored = Set(services)
    let frames = dataset.services.filter { scored.contains($0.service) }
    let cells = try await concurrentMap(frames, limit: threads) { frame in
      model.explanations(of: frame, grid: grid, causes: causes)
    }
    return ExplanationTable(cells: cells.flatMap { $0 })
  }
}
