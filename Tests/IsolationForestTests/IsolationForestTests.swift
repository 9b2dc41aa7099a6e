import Diagnostics
import Foundation
import IsolationForest
import LinearAlgebra
import Testing

@Suite struct IsolationForestTests {
  @Test func `a value apart from two equal ones is isolated by the first cut`() throws {
    // {0} ends at depth 1 and {1, 1} at depth 1 + c(2) = 2, whatever the threshold; c(3) = 5/3.
    let forest = try IsolationForest.fit(column([0, 1, 1]), seed: 5)
    #expect(abs(forest.score([0]) - exp2f(-0.6)) < 1e-6)
    #expect(abs(forest.score([1]) - exp2f(-1.2)) < 1e-6)
  }

  @Test func `a value at the threshold goes left`() throws {
    // Between neighbouring floats the threshold can only be the smaller one.
    let apart = Float(1).nextUp
    let forest = try IsolationForest.fit(column([1, apart, apart]), seed: 5)
    #expect(abs(forest.score([1]) - exp2f(-0.6)) < 1e-6)
    #expect(abs(forest.score([apart]) - exp2f(-1.2)) < 1e-6)
  }

  @Test func `two different rows score one half`() throws {
    let forest = try IsolationForest.fit(column([3, 4]), seed: 5)
    #expect(forest.scores(column([3, 4])) == [0.5, 0.5])
  }

  @Test func `data without anything to isolate scores one half everywhere`() throws {
    let constant = Matrix(rows: 300, columns: 3, repeating: 2.5)
    #expect(try IsolationForest.fit(constant, seed: 1).score([9, -9, 0]) == 0.5)
    let single = Matrix(rows: 1, columns: 2, elements: [1, 2])
    #expect(try IsolationForest.fit(single, seed: 1).scores(single) == [0.5])
    let columnless = Matrix(rows: 4, columns: 0)
    #expect(
      try IsolationForest.fit(columnless, seed: 1).scores(columnless) == [0.5, 0.5, 0.5, 0.5])
  }

  @Test func `the same seed grows the same forest and any other stream another`() throws {
    let rows = normalRows(400, 3, seed: 1)
    let forest = try IsolationForest.fit(rows, seed: 7)
    #expect(try IsolationForest.fit(rows, seed: 7) == forest)
    #expect(try IsolationForest.fit(rows, seed: 8) != forest)
    #expect(try IsolationForest.fit(rows, seed: 7, purpose: "another") != forest)
    #expect(try IsolationForest.fit(rows, seed: 7, index: 1) != forest)
  }

  @Test func `a tree does not depend on the trees beside it`() throws {
    let rows = normalRows(400, 3, seed: 1)
    let few = try reachableNodes(
      IsolationForest.fit(rows, configuration: .init(trees: 20), seed: 7))
    let many = try reachableNodes(
      IsolationForest.fit(rows, configuration: .init(trees: 50), seed: 7))
    #expect(few == many.filter { $0.tree < 20 })
    #expect(Set(many.filter { $0.depth == 0 }.map(\.value)).count > 40)
  }

  @Test(arguments: [0, 1, 15, 16, 17, 63, 64, 65, 130])
  func `scoring many rows equals scoring each alone`(count: Int) throws {
    let forest = try IsolationForest.fit(normalRows(300, 5, seed: 2), seed: 3)
    let rows = normalRows(count, 5, seed: 4)
    #expect(forest.scores(rows) == (0..<count).map { forest.score(rows.row($0)) })
  }

  @Test func `rows far from the crowd score above nearly all of it`() throws {
    var rows = normalRows(1_000, 4, seed: 11)
    for index in 0..<10 { rows[index, index % 4] = index.isMultiple(of: 2) ? 9 : -9 }
    let scores = try IsolationForest.fit(rows, seed: 12).scores(rows)
    let crowd = scores[10...].sorted()
    let bound = crowd[crowd.count * 98 / 100]
    for score in scores[..<10] { #expect(score > bound) }
    #expect(scores.allSatisfy { $0 > 0 && $0 <= 1 })
  }

  @Test func `a row with missing values still has a score`() throws {
    let forest = try IsolationForest.fit(normalRows(300, 2, seed: 2), seed: 3)
    let score = forest.score([.nan, .infinity])
    #expect(score > 0 && score <= 1)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `training rows that are not finite are refused by row and column`(value: Float) {
    var rows = normalRows(50, 3, seed: 1)
    rows[41, 2] = value
    let error = #expect(throws: IsolationForestError.self) {
      try IsolationForest.fit(rows, seed: 1)
    }
    #expect(error == .notFinite(row: 41, column: 2, value: "\(value)"))
    #expect(error?.kind == .invalidInput)
    #expect(error?.description.contains("row 41, column 2 is \(value)") == true)
  }

  @Test func `no rows are refused`() {
    #expect(throws: IsolationForestError.noRows) {
      try IsolationForest.fit(Matrix(rows: 0, columns: 3), seed: 1)
    }
  }

  @Test(arguments: [
    IsolationForestConfiguration(trees: 0), .init(trees: .max), .init(subsample: 0),
    .init(maxFeatures: 0), .init(maxFeatures: 1.01), .init(maxFeatures: .nan),
  ])
  func `parameters out of range are refused`(configuration: IsolationForestConfiguration) {
    let error = #expect(throws: IsolationForestError.self) {
      try IsolationForest.fit(column([1, 2]), configuration: configuration, seed: 1)
    }
    guard case .invalidConfiguration = error else {
      Issue.record("unexpected error \(String(describing: error))")
      return
    }
  }

  @Test func `a row of another width traps`() async {
    await #expect(processExitsWith: .failure) {
      let forest = try IsolationForest.fit(column([1, 2]), seed: 1)
      _ = forest.score([1, 2])
    }
  }
}
