/// What a tree does with a value that is missing (NaN), in fitting and in scoring alike.
public enum MissingValues: String, CaseIterable, Hashable, Sendable {
  /// Rows to fit on must be complete. A row to score goes right where its value is missing.
  case reject
  /// To the side that most rows of the node went to whose value was known; to the left when both
  /// sides had as many.
  case majority
  /// To both sides, each with the share of the rows that went there whose value was known: the
  /// fractional cases of Quinlan's C4.5 (1993). For splits on one feature only.
  case both
}
