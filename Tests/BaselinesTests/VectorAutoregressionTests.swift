import Baselines
import LinearAlgebra
import Testing

@Suite struct VectorAutoregressionTests {
  /// Two channels, the first half of its last value and the second's one before that.
  private func series(_ count: Int, from start: Float = 1) -> Matrix {
    var stream = Philox(seed: 8, purpose: "autoregression")
    var rows = Matrix(rows: 0, columns: 2)
    for index in 0..<count {
      let noise = stream.uniformFloat() - 0.5
      let before = index > 0 ? Array(rows.row(index - 1)) : [start, 0]
      let earlier = index > 1 ? rows[index - 2, 1] : 0
      rows.append(row: [0.5 * before[0] + 0.3 * earlier + noise, 0.2 + noise * 0.1 + earlier * 0.1])
    }
    return rows
  }

  @Test func `coefficients equal those of scikit-learn's Ridge`() throws {
    let fixture = try SklearnFixture.load().ridge
    for fit in fixture.fits {
      let model = try VectorAutoregression.fit(
        [matrix(fixture.series)], lags: fixture.lags, penalties: [fit.penalty])
      let scale = fit.coefficients.joined().map(abs).max() ?? 1
      #expect(model.penalty == fit.penalty)
      for (ours, theirs) in zip(model.regression.coefficients, fit.coefficients.joined()) {
        #expect(abs(ours - theirs) < 1e-6 * scale)
      }
      for (ours, theirs) in zip(model.regression.intercepts, fit.intercepts) {
        #expect(abs(ours - theirs) < 1e-6 * max(1, abs(theirs)))
      }
    }
  }

  @Test func `no lagged row crosses a gap`() throws {
    // Either stretch alone decides; a row across the gap would tie 1000 to −1000.
    let rising = Matrix(rows: 40, columns: 1, elements: (0..<40).map { Float($0 % 2) + 1000 })
    let falling = Matrix(rows: 40, columns: 1, elements: (0..<40).map { Float($0 % 2) - 1000 })
    let apart = try VectorAutoregression.fit([rising, falling], lags: 1, penalties: [1e-6])
    #expect(abs(apart.forecast([1000])[0] - 1000.5) < 0.6)
    let short = Matrix(rows: 2, columns: 1, elements: [5, 7])
    #expect(throws: BaselineError.noRows) {
      try VectorAutoregression.fit([short, short, short], lags: 2)
    }
    #expect(throws: Never.self) { try VectorAutoregression.fit([short, short, short], lags: 1) }
  }

  @Test func `the penalty is the one that foretells the later part best`() throws {
    let rows = series(400)
    let chosen = try VectorAutoregression.fit([rows], lags: 2, validationShare: 0.25)
    let cut = 398 - 100
    func error(_ penalty: Double) throws -> Double {
      let earlier = Matrix(
        rows: cut + 2, columns: 2, elements: Array(rows.elements[..<((cut + 2) * 2)]))
      let model = try VectorAutoregression.fit([earlier], lags: 2, penalties: [penalty])
      return (cut + 2..<400).reduce(0) { sum, index in
        let forecast = model.forecast((rows.row(index - 1) + rows.row(index - 2))[...])
        return zip(forecast, rows.row(index)).reduce(sum) {
          $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1))
        }
      }
    }
    let best = try VectorAutoregression.penalties.min { try error($0) < error($1) }
    #expect(chosen.penalty == best)
    #expect(
      try chosen.regression
        == VectorAutoregression.fit([rows], lags: 2, penalties: [chosen.penalty]).regression)
  }

  @Test func `a missing target leaves its row out of that channel alone`() throws {
    var rows = series(120)
    let whole = try VectorAutoregression.fit([rows], lags: 1, penalties: [1e-3])
    rows[119, 1] = .nan
    let part = try VectorAutoregression.fit([rows], lags: 1, penalties: [1e-3])
    #expect(areClose(part.regression.coefficients[..<2], whole.regression.coefficients[..<2]))
    let shorter = Matrix(rows: 119, columns: 2, elements: Array(rows.elements[..<238]))
    let second = try VectorAutoregression.fit([shorter], lags: 1, penalties: [1e-3])
    #expect(areClose(part.regression.coefficients[2...], second.regression.coefficients[2...]))
  }

  /// BLAS adds up matrices of other sizes in another order, which one depends on the processor.
  private func areClose(_ found: ArraySlice<Double>, _ expected: ArraySlice<Double>) -> Bool {
    found.count == expected.count && zip(found, expected).allSatisfy { abs($0 - $1) < 1e-9 }
  }

  @Test func `a channel without a value is foretold as zero`() throws {
    var rows = series(50)
    for index in 0..<50 { rows[index, 1] = .nan }
    let model = try VectorAutoregression.fit([rows], lags: 1)
    #expect(model.forecast([3, 0])[1] == 0)
    #expect(model.forecast([3, 0])[0] > 0.5)
  }

  @Test func `fitting twice gives the same bits`() throws {
    #expect(
      try VectorAutoregression.fit([series(300)], lags: 3)
        == VectorAutoregression.fit([series(300)], lags: 3))
  }
}

@Suite struct LagWindowTests {
  @Test func `the latest row is first and the oldest is forgotten`() {
    var window = LagWindow(lags: 2, columns: 2)
    window.push([1, 2])
    #expect(!window.isFull && window.elements[..<2] == [1, 2] && window.elements[2].isNaN)
    window.push([3, 4])
    window.push([5, 6])
    #expect(window.isFull && window.elements == [5, 6, 3, 4])
    window.clear()
    #expect(window.count == 0 && window.elements.allSatisfy(\.isNaN))
  }
}
