import Foundation
import IsolationForest
import LinearAlgebra
import Testing

@Suite struct PathAttributionTests {
  @Test(arguments: kindsOfTrees)
  func `contributions add up to the difference of path lengths`(
    configuration: IsolationForestConfiguration
  ) throws {
    var rows = normalRows(500, 5, seed: 3)
    if configuration.missing != .reject {
      for row in 0..<500 where row % 3 == 0 { rows[row, row % 5] = .nan }
    }
    let forest = try IsolationForest.fit(rows, configuration: configuration, seed: 4)
    let attribution = PathAttribution(forest)
    for row in 0..<500 {
      let contributions = attribution.contributions(to: rows.row(row))
      let sum = attribution.expectedPathLength + contributions.reduce(0, +)
      let length = forest.meanPathLength(rows.row(row))
      #expect(abs(sum - length) < 1e-9)
      // The score says the same length.
      let score = forest.score(rows.row(row))
      #expect(abs(-log2(Double(score)) * averagePathLength(forest.subsample) - length) < 1e-5)
    }
  }

  @Test func `the expectation is the mean over the rows that a tree has seen`() throws {
    // Every tree sees all rows, so that the mean over rows is the mean of each tree's expectation.
    let rows = normalRows(128, 3, seed: 3)
    let forest = try IsolationForest.fit(
      rows, configuration: .init(trees: 30, subsample: 128), seed: 4)
    let mean = (0..<128).reduce(0.0) { $0 + forest.meanPathLength(rows.row($1)) } / 128
    #expect(abs(PathAttribution(forest).expectedPathLength - mean) < 1e-9)
  }

  @Test(arguments: [0, 2])
  func `the planted column of an anomaly ranks first`(level: Int) throws {
    var (hits, total) = (0, 0)
    for seed in 0..<10 {
      var rows = normalRows(1_000, 8, seed: UInt64(seed))
      for row in 0..<20 { rows[row, row % 8] = row.isMultiple(of: 2) ? 6 : -6 }
      let forest = try IsolationForest.fit(
        rows, configuration: .init(extensionLevel: level), seed: UInt64(seed))
      let attribution = PathAttribution(forest)
      for row in 0..<20 {
        let contributions = attribution.contributions(to: rows.row(row))
        let first = contributions.indices.min { contributions[$0] < contributions[$1] }
        hits += first == row % 8 ? 1 : 0
        total += 1
      }
    }
    #expect(Double(hits) >= 0.95 * Double(total), "\(hits) of \(total)")
  }

  @Test(arguments: [0, 1])
  func `importance is a share, equal for columns of a kind and none for a constant`(
    level: Int
  ) throws {
    var rows = normalRows(400, 4, seed: 3)
    for row in 0..<400 { rows[row, 1] = 2 }
    let forest = try IsolationForest.fit(
      rows, configuration: .init(trees: 200, extensionLevel: level), seed: 4)
    let importance = PathAttribution(forest).importance
    #expect(abs(importance.reduce(0, +) - 1) < 1e-12)
    #expect(importance[1] == 0)
    for column in [0, 2, 3] { #expect(abs(importance[column] - 1.0 / 3) < 0.04) }
    let constant = try IsolationForest.fit(Matrix(rows: 9, columns: 2), seed: 1)
    #expect(PathAttribution(constant).importance == [0, 0])
  }

  @Test func `a column that alone tells two groups apart is the most important`() throws {
    var rows = Matrix(rows: 400, columns: 3)
    for row in 0..<400 {
      rows[row, 0] = row.isMultiple(of: 2) ? 0 : 1
      rows[row, 1] = row < 20 ? 5 : 0
    }
    let importance = PathAttribution(try IsolationForest.fit(rows, seed: 4)).importance
    // The larger the imbalance, the more a step says.
    #expect(importance[1] > importance[0] && importance[2] == 0)
  }

  @Test(arguments: kindsOfTrees)
  func `scores inside the normal range are normal and beyond it are not`(
    configuration: IsolationForestConfiguration
  ) throws {
    // Complete rows: a missing value is in no range.
    let rows = normalRows(300, 4, seed: 3)
    let forest = try IsolationForest.fit(rows, configuration: configuration, seed: 4)
    let limit = forest.scores(rows).sorted()[270]
    var found = 0
    for row in 0..<40 {
      var values = Array(rows.row(row))
      let column = row % 4
      values[column] = row.isMultiple(of: 2) ? 7 : -7
      guard
        let range = forest.normalRange(of: column, in: values[...], scoreAtMost: limit)
      else { continue }
      found += 1
      func score(_ value: Float) -> Float {
        values[column] = value
        return forest.score(values[...])
      }
      // At hyperplanes thresholds are known to rounding only: a little inside and outside.
      let slack: Float = configuration.extensionLevel > 0 ? 1e-4 : 0
      for value in [
        range.least + slack, (range.least + range.greatest) / 2, range.greatest - slack,
      ]
      where value.isFinite { #expect(score(value) <= limit) }
      for value in [(range.least - slack).nextDown, (range.greatest + slack).nextUp]
      where value.isFinite { #expect(score(value) > limit) }
    }
    #expect(found > 15)
  }

  @Test func `a row that no value of a column can save has no range`() throws {
    let rows = normalRows(500, 3, seed: 3)
    let forest = try IsolationForest.fit(rows, seed: 4)
    let limit = forest.scores(rows).sorted()[450]
    #expect(forest.normalRange(of: 0, in: [9, 9, 9], scoreAtMost: limit) == nil)
    let range = try #require(forest.normalRange(of: 0, in: [9, 0, 0], scoreAtMost: limit))
    #expect(range.contains(0) && range.greatest < 4)
    let inside = try #require(forest.normalRange(of: 0, in: [0, 0, 0], scoreAtMost: limit))
    #expect(inside.contains(0))
    #expect(forest.normalRange(of: 0, in: [9, 9, 9], scoreAtMost: 1)?.greatest == .infinity)
  }
}
