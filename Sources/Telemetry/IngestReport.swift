/// What ingest read, kept, changed and left out, so that nothing is lost in silence.
public struct IngestReport: Hashable, Sendable {
  /// Items of one sort that were left out or changed, with why.
  public struct Defect: Hashable, Sendable {
    /// The source's name.
    public var source: String
    /// A stable word for the reason, such as `duplicate_timestamp`.
    public var reason: String
    /// Whether items were left out (`skipped`) or kept in another form (`changed`).
    public var effect: Effect
    /// How many.
    public var count: Int
    /// The first place it was seen: a line, a byte offset or a series.
    public var example: String

    /// Makes a defect record.
    public init(source: String, reason: String, effect: Effect, count: Int, example: String) {
      (self.source, self.reason, self.effect) = (source, reason, effect)
      (self.count, self.example) = (count, example)
    }
  }

  /// What became of the items of a defect.
  public enum Effect: String, Sendable {
    /// Left out.
    case skipped
    /// Kept in another form.
    case changed
    /// Left out as nothing that a dataset holds, such as an exemplar: no loss.
    case ignored
    /// Kept as it is, but worth looking at.
    case noted
  }

  /// Samples read from all metric sources.
  public var samples = 0
  /// Log lines read from all log sources.
  public var logLines = 0
  /// Series read.
  public var series = 0
  /// Grid cells times columns without a value.
  public var missingCells = 0
  /// Grid cells times columns.
  public var cells = 0
  /// Runs of cells without a value between the first and the last value of an exported column.
  public var gaps = 0
  /// The cells in those runs.
  public var gapCells = 0
  /// What was left out or changed, by source, reason and effect, in order of first occurrence.
  public private(set) var defects: [Defect] = []

  /// Makes an empty report.
  public init() {}

  /// Makes a report with known defects.
  public init(defects: [Defect]) { self.defects = defects }

  /// Counts `count` items of a sort (source, reason and effect); the first example is kept.
  public mutating func note(
    _ reason: String, _ effect: Effect, in source: String, count: Int = 1,
    example: @autoclosure () -> String
  ) {
    guard count > 0 else { return }
    let known = defects.firstIndex {
      $0.source == source && $0.reason == reason && $0.effect == effect
    }
    if let index = known {
      defects[index].count += count
    } else {
      defects.append(
        Defect(
          source: source, reason: reason, effect: effect, count: count, example: example()))
    }
  }

  /// The reason noted when most of the grid's cells hold nothing of any service.
  public static let emptyTimeReason = "empty_time"

  /// That most of the grid's cells hold nothing of any service: often one instant far from the rest.
  public var emptyTime: Defect? { defects.first { $0.reason == Self.emptyTimeReason } }

  /// Items left out, over all reasons.
  public var skipped: Int {
    defects.reduce(0) { $0 + ($1.effect == .skipped ? $1.count : 0) }
  }
}
