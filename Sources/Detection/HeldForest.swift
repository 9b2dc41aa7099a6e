public import IsolationForest
internal import Synchronization

/// A forest as a model keeps it: packed where that is possible, so that those of thousands of services
/// fit into little memory. Services with equal forests have the same one.
public final class HeldForest: Sendable {
  /// What happens to missing values.
  public let missing: MissingValues
  /// Number of columns of the rows that it scores.
  public let columns: Int
  private let packed: PackedForest?
  /// The forest, if it could not be packed.
  private let whole: IsolationForest?
  /// That one prepared for single rows, when the first service starts.
  private let compiled = Mutex<CompiledForest?>(nil)

  /// Takes a forest.
  public init(_ forest: IsolationForest) {
    (missing, columns) = (forest.missing, forest.columns)
    packed = PackedForest(forest)
    whole = packed == nil ? forest : nil
  }

  /// The forest itself, which is made anew each time if it is packed.
  public var forest: IsolationForest {
    guard let forest = whole ?? packed?.forest else { preconditionFailure("no forest") }
    return forest
  }

  /// The forest as detectors run it.
  func prepared() -> PreparedForest {
    if let packed { return .packed(packed) }
    return compiled.withLock { compiled in
      let prepared = compiled ?? CompiledForest(forest, manyRows: false)
      compiled = prepared
      return .compiled(prepared)
    }
  }
}

/// A forest that scores single rows.
enum PreparedForest: Sendable {
  case packed(PackedForest)
  case compiled(CompiledForest)

  /// The score of some features of an observation.
  func score(_ features: [Float]) -> Float {
    switch self {
    case .packed(let forest):
      // Rows without missing values, which most are, go in as they are.
      features.contains { $0.isNaN }
        ? forest.score(ForestModel.inputs(features, missing: .reject).span)
        : forest.score(features.span)
    case .compiled(let forest):
      forest.score(ForestModel.inputs(features, missing: forest.missing)[...])
    }
  }
}
