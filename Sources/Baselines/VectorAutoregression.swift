public import LinearAlgebra

/// Foretells all channels from their last values by ridge regression: a vector autoregression
/// (Sims 1980) with intercept, the linear forecaster that a recurrent network has to beat.
///
///     ŷ(t) = b + W₁ y(t − 1) + … + W_p y(t − p)
public struct VectorAutoregression: Hashable, Sendable {
  /// Past values of each channel that a forecast rests on, p.
  public let lags: Int
  /// From lagged channels, the latest first, [lags × channels], to the next, [channels].
  public let regression: RidgeRegression
  /// The penalty per row that was chosen.
  public let penalty: Double

  /// Number of channels.
  public var channels: Int { regression.outputs }

  /// Penalties per row to choose among, for channels of unit scale.
  public static let penalties = [1e-4, 1e-3, 1e-2, 1e-1, 1]
  /// Rows beyond this number are thinned evenly.
  static let rowLimit = 1 << 16

  /// Makes a forecaster from its parts.
  ///
  /// - Precondition: The regression has `lags` inputs per output.
  public init(lags: Int, regression: RidgeRegression, penalty: Double) {
    precondition(
      lags >= 1 && regression.inputs == lags * regression.outputs,
      "\(lags) lags, \(regression.inputs) inputs, \(regression.outputs) outputs")
    (self.lags, self.regression, self.penalty) = (lags, regression, penalty)
  }

  /// Fits a forecaster with the penalty that has the least squared one-step error on the later part
  /// of the training rows, then on all of them.
  ///
  /// - Parameters:
  ///   - stretches: Consecutive rows [n × channels] without a gap inside, by time; no lagged row
  ///     reaches from one into another. A missing value, NaN, counts as 0 where it is an input and
  ///     not at all where it is to be foretold.
  ///   - lags: At least 1.
  ///   - penalties: Candidates, each positive; the greatest of equally good ones is taken.
  ///   - validationShare: Share of the rows, the last ones, that the penalty is chosen on.
  /// - Throws: `BaselineError.noRows` when no stretch is longer than the lags.
  public static func fit(
    _ stretches: [Matrix], lags: Int, penalties: [Double] = penalties,
    validationShare: Double = 0.3
  ) throws(BaselineError) -> VectorAutoregression {
    precondition(
      lags >= 1 && !penalties.isEmpty && (0..<1).contains(validationShare),
      "\(lags) lags, penalties \(penalties), share \(validationShare)")
    let rows = lagged(stretches, lags: lags)
    guard rows.rows > 0, let channels = stretches.first?.columns else { throw .noRows }
    let inputs = channels * lags
    var penalty = penalties.max() ?? 1
    let cut = rows.rows - Int((Double(rows.rows) * validationShare).rounded())
    if penalties.count > 1, cut > 0, cut < rows.rows {
      let earlier = rows.selecting(rows: 0..<cut)
      let candidates = penalties.sorted(by: >)
      var least = Double.infinity
      let fitted = try RidgeRegression.fit(earlier, inputs: inputs, penalties: candidates)
      for (candidate, regression) in zip(candidates, fitted) {
        let error = squaredError(regression, rows, cut..<rows.rows)
        if error < least { (least, penalty) = (error, candidate) }
      }
    }
    let regression = try RidgeRegression.fit(rows, inputs: inputs, penalties: [penalty])
    return VectorAutoregression(lags: lags, regression: regression[0], penalty: penalty)
  }

  /// The next values of all channels, [channels].
  ///
  /// - Parameter past: The last rows, the latest first, missing values as 0, [lags × channels].
  public func forecast(_ past: ArraySlice<Float>) -> [Float] {
    regression.predict(past).map { Float($0) }
  }

  /// Lagged rows, the latest first, then the row they lead to, [n × (lags + 1) · channels].
  private static func lagged(_ stretches: [Matrix], lags: Int) -> Matrix {
    let channels = stretches.first?.columns ?? 0
    let total = stretches.reduce(0) { $0 + max(0, $1.rows - lags) }
    let step = max(1, (total + rowLimit - 1) / rowLimit)
    var rows = Matrix(rows: 0, columns: channels * (lags + 1))
    rows.elements.reserveCapacity(total / step * rows.columns)
    var seen = 0
    for stretch in stretches where stretch.rows > lags {
      for target in lags..<stretch.rows {
        defer { seen += 1 }
        guard seen % step == 0 else { continue }
        var row: [Float] = []
        row.reserveCapacity(rows.columns)
        for lag in 1...lags {
          for value in stretch.row(target - lag) { row.append(value.isNaN ? 0 : value) }
        }
        rows.append(row: row + stretch.row(target))
      }
    }
    return rows
  }

  private static func squaredError(
    _ regression: RidgeRegression, _ rows: Matrix, _ range: Range<Int>
  ) -> Double {
    var sum = 0.0
    for index in range {
      let row = rows.row(index)
      let foretold = regression.predict(row.prefix(regression.inputs))
      for (value, forecast) in zip(row.suffix(regression.outputs), foretold) where !value.isNaN {
        sum += (Double(value) - forecast) * (Double(value) - forecast)
      }
    }
    return sum
  }
}
