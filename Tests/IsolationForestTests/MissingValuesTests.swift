import Foundation
import IsolationForest
import LinearAlgebra
import Testing

@Suite struct MissingValuesTests {
  private func forest(
    _ rows: Matrix, _ missing: MissingValues, trees: Int = 100
  ) throws -> IsolationForest {
    try IsolationForest.fit(rows, configuration: .init(trees: trees, missing: missing), seed: 5)
  }

  @Test(arguments: [MissingValues.majority, .both])
  func `complete rows grow the same trees and get the same scores`(
    missing: MissingValues
  ) throws {
    let rows = normalRows(400, 4, seed: 1)
    let (plain, other) = (try forest(rows, .reject), try forest(rows, missing))
    #expect(try reachableNodes(plain) == reachableNodes(other))
    for row in 0..<400 {
      #expect(abs(plain.score(rows.row(row)) - other.score(rows.row(row))) < 1e-6)
    }
  }

  @Test func `the majority's side takes a missing value`() throws {
    // {0} goes left and {9, 9, 9} right, whatever the threshold: the missing one goes right.
    let forest = try forest(column([0, 9, 9, 9, .nan]), .majority)
    // 0 ends at depth 1; the four others at 1 + c(4), all equal or missing. c(5) = 77/30.
    let expected = averagePathLength(5)
    #expect(abs(Double(forest.score([0])) - exp2(-1 / expected)) < 1e-6)
    let others = exp2(-(1 + averagePathLength(4)) / expected)
    #expect(abs(Double(forest.score([9])) - others) < 1e-6)
    #expect(forest.score([.nan]) == forest.score([9]))
  }

  @Test func `a tie sends missing values left`() throws {
    let forest = try forest(column([0, 9, .nan]), .majority)
    #expect(forest.score([.nan]) == forest.score([0]))
    #expect(forest.score([0]) < forest.score([9]))
  }

  @Test func `both sides take a missing value by their shares`() throws {
    // A quarter of the missing row goes to {0} and three quarters to {9, 9, 9}.
    let forest = try forest(column([0, 9, 9, 9, .nan]), .both)
    let expected = averagePathLength(5)
    // c is linear between whole numbers: c(1.25) = 0.25, c(3.75) = c(3) + 0.75 (c(4) − c(3)).
    let left = 1 + 0.25
    let right = 1 + 5.0 / 3 + 0.75 * (13.0 / 6 - 5.0 / 3)
    #expect(abs(Double(forest.score([0])) - exp2(-left / expected)) < 1e-6)
    #expect(abs(Double(forest.score([9])) - exp2(-right / expected)) < 1e-6)
    let missing = 0.25 * left + 0.75 * right
    #expect(abs(Double(forest.score([.nan])) - exp2(-missing / expected)) < 1e-6)
  }

  @Test(arguments: [MissingValues.majority, .both])
  func `nothing but missing values isolates nothing`(missing: MissingValues) throws {
    let rows = Matrix(rows: 50, columns: 3, repeating: .nan)
    let forest = try forest(rows, missing)
    #expect(forest.score([.nan, .nan, .nan]) == 0.5)
    #expect(forest.score([1, 2, 3]) == 0.5)
  }

  @Test(arguments: [MissingValues.majority, .both])
  func `a column of missing values is never cut`(missing: MissingValues) throws {
    var rows = normalRows(100, 3, seed: 1)
    for row in 0..<100 { rows[row, 1] = .nan }
    let splits = try reachableNodes(forest(rows, missing)).filter { $0.feature >= 0 }
    #expect(Set(splits.map(\.feature)) == [0, 2])
  }

  @Test(arguments: [MissingValues.majority, .both])
  func `anomalies are found among rows of which a third is missing`(
    missing: MissingValues
  ) throws {
    var rows = normalRows(600, 4, seed: 1)
    var random = Philox(seed: 2, purpose: "gaps")
    for row in 0..<600 {
      for column in 0..<4 where random.uniform() < 0.33 { rows[row, column] = .nan }
    }
    for row in 0..<10 { rows[row, row % 4] = 8 }
    let scores = try forest(rows, missing).scores(rows)
    let bound = scores[10...].sorted()[560]
    #expect(scores[..<10].allSatisfy { $0 > bound })
  }

  @Test func `a missing value counts as the centre of a hyperplane`() throws {
    var rows = normalRows(300, 3, seed: 1)
    for row in stride(from: 0, to: 300, by: 4) { rows[row, 1] = .nan }
    let forest = try IsolationForest.fit(
      rows, configuration: .init(extensionLevel: 2, missing: .majority), seed: 5)
    let centre = forest.score([.nan, .nan, .nan])
    #expect(centre < 0.5 && centre < forest.score([5, .nan, -5]))
  }
}
