internal import Report
public import Scoring
public import Telemetry

/// Explanations of a dataset's anomalous cells, services in order, cells by time.
public struct ExplanationTable: Hashable, Sendable {
  /// The cells.
  public var cells: [CellExplanation]

  /// Makes a table.
  public init(cells: [CellExplanation]) { self.cells = cells }

  /// Comma-separated text: a line per cell and cause, the strongest cause first.
  ///
  /// A missing value is empty, and so are both bounds of what is expected when no value would do;
  /// where there is no bound they are `-inf` and `inf`.
  public func csv() -> [UInt8] {
    var text =
      "time,service,score,rank,feature,value,expected_from,expected_to,contribution\n"
    func number(_ value: Double?) -> String { value.map { $0.isNaN ? "" : "\($0)" } ?? "" }
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

  /// For people: how many cells there are, then the cells with the highest scores, a line each.
  public func summary(strongest count: Int) -> String {
    let order = cells.indices.sorted { (-cells[$0].score, $0) < (-cells[$1].score, $1) }
    let shown = order.prefix(count)
    let head = "\(cells.count) \(cells.count == 1 ? "cell" : "cells") explained"
    guard !shown.isEmpty else { return head }
    return head + (shown.count < cells.count ? ", the strongest:" : ":")
      + shown.map { "\n  " + printable(cells[$0].text) }.joined()
  }
}

extension ScoreStage {
  /// Explains every cell in which one of the model's detectors is at its boundary or above.
  ///
  /// - Parameters:
  ///   - services: The services that were scored.
  ///   - causes: Features or channels named for each cell at most.
  ///   - detector: The detector's name; by default the isolation forest.
  public func explanations(
    _ model: ScoringModel, _ dataset: Dataset, services: [String], causes: Int,
    by detector: String = "isolation_forest"
  ) async throws -> ExplanationTable {
    let grid = dataset.grid
    let scored = Set(services)
    let frames = dataset.services.filter { scored.contains($0.service) }
    let cells = try await concurrentMap(frames, limit: threads) { frame in
      model.explanations(of: frame, grid: grid, causes: causes, by: detector)
    }
    return ExplanationTable(cells: cells.flatMap { $0 })
  }
}
