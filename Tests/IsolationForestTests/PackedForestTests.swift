import IsolationForest
import LinearAlgebra
import Storage
import Testing

/// A packed forest is the forest that was packed.
@Suite struct PackedForestTests {
  private func expectSame(
    _ forest: IsolationForest, _ packed: PackedForest,
    _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(packed.forest == forest, sourceLocation: location)
    #expect(
      encoded(packed.forest).safetensors() == encoded(forest).safetensors(),
      sourceLocation: location)
    var rows = normalRows(64, forest.columns, seed: 11)
    for index in rows.elements.indices where index % 7 == 0 {
      rows.elements[index] = [Float.nan, .infinity, -.infinity, 0, -0][index / 7 % 5]
    }
    for row in 0..<rows.rows {
      let score = packed.score(rows.row(row).span)
      #expect(
        score.bitPattern == forest.score(rows.row(row)).bitPattern, sourceLocation: location)
    }
  }

  @Test(arguments: [1, 2, 3, 8, 9, 10, 11, 20, 100])
  func `forests of any number of trees come back and score as before`(trees: Int) throws {
    let forest = try IsolationForest.fit(
      normalRows(300, 20, seed: 2), configuration: .init(trees: trees), seed: 3)
    expectSame(forest, try #require(PackedForest(forest)))
  }

  @Test(arguments: [1, 2, 3, 4, 7, 8, 15, 16, 31, 33, 500])
  func `forests of any number of columns come back and score as before`(columns: Int) throws {
    let forest = try IsolationForest.fit(
      normalRows(300, columns, seed: 2), configuration: .init(trees: 12), seed: 3)
    expectSame(forest, try #require(PackedForest(forest)))
  }

  @Test(arguments: [1, 2, 3, 5, 16, 64, 500])
  func `trees of any depth come back and score as before`(subsample: Int) throws {
    let forest = try IsolationForest.fit(
      normalRows(600, 3, seed: 2), configuration: .init(trees: 13, subsample: subsample), seed: 3)
    expectSame(forest, try #require(PackedForest(forest)))
  }

  @Test func `trees that are leaves stand beside trees that split`() throws {
    // Most subsamples of two rows hold the same row twice.
    let rows = column((0..<40).map { $0 < 30 ? 1 : Float($0) })
    let forest = try IsolationForest.fit(
      rows, configuration: .init(trees: 30, subsample: 2), seed: 3)
    let roots = try reachableNodes(forest).filter { $0.depth == 0 }
    #expect(Set(roots.map { $0.feature < 0 }) == [true, false])
    expectSame(forest, try #require(PackedForest(forest)))
  }

  @Test func `what does not fit into eight bytes a split is not packed`() throws {
    let rows = normalRows(300, 4, seed: 2)
    let planes = try IsolationForest.fit(
      rows, configuration: .init(trees: 3, extensionLevel: 1), seed: 3)
    #expect(PackedForest(planes) == nil)
    for missing in [MissingValues.majority, .both] {
      let forest = try IsolationForest.fit(
        rows, configuration: .init(trees: 3, missing: missing), seed: 3)
      #expect(PackedForest(forest) == nil)
    }
    // Thousands of splits in a tree over a hundred columns: their places alone take 26 bits.
    let wide = normalRows(3_000, 100, seed: 2)
    func forest(of columns: Int) throws -> IsolationForest {
      try IsolationForest.fit(
        Matrix(rows: 3_000, columns: columns, elements: Array(wide.elements[..<(3_000 * columns)])),
        configuration: .init(trees: 1, subsample: 2_900, depthLimit: 500), seed: 3)
    }
    #expect(PackedForest(try forest(of: 100)) == nil)
    expectSame(try forest(of: 3), try #require(PackedForest(try forest(of: 3))))
  }
}
