import CForestKernels
import IsolationForest
import LinearAlgebra
import Storage
import Testing

/// Every way to score must give the bits of `IsolationForest.score`.
@Suite struct CompiledForestTests {
  private typealias Path = CompiledForest.Path

  /// Rows of the given forest's columns: ordinary ones, and those in which values are thresholds,
  /// their neighbours, zeros of both signs, infinite or missing.
  private func rows(_ count: Int, for forest: IsolationForest, seed: UInt64) throws -> Matrix {
    var random = Philox(seed: seed, purpose: "rows to score")
    let thresholds = try reachableNodes(forest).filter { $0.feature >= 0 }.map(\.value)
    var rows = normalRows(count, forest.columns, seed: seed)
    for index in rows.elements.indices where random.index(below: 3) == 0 {
      let threshold = thresholds.isEmpty ? 0 : thresholds[random.index(below: thresholds.count)]
      let odd = [threshold, threshold.nextUp, threshold.nextDown, -0.0, 0, .infinity, -.infinity]
      rows.elements[index] = random.index(below: 20) == 0 ? .nan : odd[random.index(below: 7)]
    }
    return rows
  }

  /// Scores rows in every way and returns the ways that there were.
  @discardableResult
  private func expectSameBits(
    _ forest: IsolationForest, _ rows: Matrix, _ location: SourceLocation = #_sourceLocation
  ) -> Set<Path> {
    let compiled = CompiledForest(forest)
    let expected = (0..<rows.rows).map { forest.score(rows.row($0)).bitPattern }
    var taken: Set<Path> = []
    for path in Path.allCases {
      var result = [Float](repeating: -1, count: rows.rows)
      var scores = result.mutableSpan
      if compiled.score(rows.elements.span, into: &scores, by: path) {
        taken.insert(path)
        #expect(result.map(\.bitPattern) == expected, "\(path)", sourceLocation: location)
      } else {
        #expect(result.allSatisfy { $0 == -1 }, "\(path)", sourceLocation: location)
      }
    }
    #expect(forest.scores(rows).map(\.bitPattern) == expected, sourceLocation: location)
    #expect(compiled.scores(rows).map(\.bitPattern) == expected, sourceLocation: location)
    for row in 0..<min(rows.rows, 40) {
      let score = compiled.score(rows.row(row)).bitPattern
      #expect(score == expected[row], sourceLocation: location)
    }
    return taken
  }

  /// The ways with vectors that this processor has.
  private var vectors: Set<Path> {
    let kernels: [(Path, ap_forest_path)] = [
      (.neon, AP_FOREST_NEON), (.avx2, AP_FOREST_AVX2), (.avx512, AP_FOREST_AVX512),
    ]
    return Set(kernels.filter { ap_forest_has_path($0.1) != 0 }.map(\.0))
  }

  @Test(arguments: [0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 255, 256, 257, 4_096, 4_100])
  func `any number of rows scores as each row alone`(count: Int) throws {
    let forest = try IsolationForest.fit(normalRows(300, 5, seed: 2), seed: 3)
    let taken = expectSameBits(forest, try rows(count, for: forest, seed: 4))
    #expect(taken == vectors.union([.forest, .nodes]))
  }

  @Test(arguments: [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 64, 255, 256, 257, 300, 320])
  func `any number of trees is added up`(trees: Int) throws {
    let forest = try IsolationForest.fit(
      normalRows(300, 4, seed: 2), configuration: .init(trees: trees, subsample: 32), seed: 3)
    let taken = expectSameBits(forest, try rows(70, for: forest, seed: 5))
    #expect(taken == vectors.union([.forest, .nodes]))
  }

  @Test(arguments: [1, 2, 3, 4, 5, 15, 16, 17, 33, 100, 300])
  func `any number of columns is selected from`(columns: Int) throws {
    let forest = try IsolationForest.fit(
      normalRows(300, columns, seed: 2), configuration: .init(trees: 50), seed: 3)
    let taken = expectSameBits(forest, try rows(70, for: forest, seed: 6))
    #expect(taken.isSuperset(of: [.forest, .nodes]))
    #expect(taken.isSuperset(of: vectors) || columns > 100)
  }

  @Test(arguments: 1...16)
  func `trees of any depth are descended`(depth: Int) throws {
    let forest = try IsolationForest.fit(
      normalRows(1 << depth + 3, 3, seed: 2),
      configuration: .init(trees: 5, subsample: 1 << depth), seed: 3)
    #expect(try reachableNodes(forest).map(\.depth).max() == depth)
    let taken = expectSameBits(forest, try rows(130, for: forest, seed: 7))
    #expect(taken.isSuperset(of: [.forest, .nodes]))
    #expect(taken.isSuperset(of: vectors) == (depth <= 10) || vectors.isEmpty)
  }

  @Test func `one column with more thresholds than a byte tells apart is ranked in parts`() throws {
    let forest = try IsolationForest.fit(
      column((0..<3_000).map(Float.init)), configuration: .init(trees: 3, subsample: 1_024),
      seed: 3)
    let splits = try reachableNodes(forest).filter { $0.feature == 0 && $0.tree == 0 }
    #expect(splits.count > 255)
    let taken = expectSameBits(forest, try rows(300, for: forest, seed: 8))
    #expect(taken.isSuperset(of: vectors))
  }

  @Test func `unbalanced trees are descended to their ends`() throws {
    // Powers of ten: most cuts take off the greatest value alone.
    let values = (0..<38).map { Float(sign: .plus, exponent: 3 * $0, significand: 1) }
    let forest = try IsolationForest.fit(
      column(values), configuration: .init(subsample: 38, depthLimit: 60), seed: 3)
    #expect(try reachableNodes(forest).map(\.depth).max() ?? 0 > 16)
    let taken = expectSameBits(forest, try rows(100, for: forest, seed: 9))
    #expect(taken == [.forest, .nodes])
  }

  @Test func `many columns are not ranked for a few trees`() throws {
    let forest = try IsolationForest.fit(
      normalRows(40, 10_000, seed: 2), configuration: .init(trees: 9, subsample: 32), seed: 3)
    #expect(expectSameBits(forest, normalRows(20, 10_000, seed: 1)) == [.forest, .nodes])
  }

  @Test func `duplicates and constant columns leave trees of all shapes`() throws {
    var data = normalRows(500, 6, seed: 2)
    for row in 0..<500 {
      for column in 0..<6 { data[row, column] = (data[row, column] * 2).rounded() }
      (data[row, 1], data[row, 4]) = (7, row.isMultiple(of: 2) ? 0 : -0.0)
    }
    for seed in 0..<10 as Range<UInt64> {
      let forest = try IsolationForest.fit(data, configuration: .init(trees: 20), seed: seed)
      expectSameBits(forest, try rows(65, for: forest, seed: seed))
    }
  }

  @Test func `forests without a cut score one half`() throws {
    for data in [Matrix(rows: 9, columns: 3), Matrix(rows: 1, columns: 3)] {
      let forest = try IsolationForest.fit(data, seed: 1)
      expectSameBits(forest, normalRows(20, 3, seed: 1))
    }
    let columnless = try IsolationForest.fit(Matrix(rows: 4, columns: 0), seed: 1)
    #expect(CompiledForest(columnless).scores(Matrix(rows: 3, columns: 0)) == [0.5, 0.5, 0.5])
    #expect(CompiledForest(columnless).score([]) == 0.5)
  }

  @Test(arguments: MissingValues.allCases)
  func `missing values take the side that the forest says`(missing: MissingValues) throws {
    var data = normalRows(600, 5, seed: 2)
    if missing != .reject {
      for index in stride(from: 0, to: data.elements.count, by: 7) { data.elements[index] = .nan }
    }
    let forest = try IsolationForest.fit(
      data, configuration: .init(trees: 60, missing: missing), seed: 3)
    var scored = normalRows(200, 5, seed: 4)
    for index in stride(from: 0, to: scored.elements.count, by: 3) { scored.elements[index] = .nan }
    let taken = expectSameBits(forest, scored)
    #expect(taken.contains(.nodes))
    #expect(missing == .both || taken.isSuperset(of: vectors))
  }

  @Test func `hyperplanes are left to the forest`() throws {
    let forest = try IsolationForest.fit(
      normalRows(300, 4, seed: 2), configuration: .init(trees: 20, extensionLevel: 2), seed: 3)
    #expect(expectSameBits(forest, normalRows(70, 4, seed: 4)) == [.forest])
  }

  @Test func `parts of the rows score as the whole`() throws {
    let forest = try IsolationForest.fit(normalRows(300, 5, seed: 2), seed: 3)
    let (compiled, rows) = (CompiledForest(forest), normalRows(1_000, 5, seed: 4))
    let parts = [0..<1, 1..<8, 8..<8, 8..<700, 700..<1_000].flatMap {
      compiled.scores(rows, in: $0)
    }
    #expect(parts == compiled.scores(rows))
  }

  @Test func `path lengths are multiples that add up exactly`() throws {
    let forest = try IsolationForest.fit(normalRows(900, 3, seed: 2), seed: 3)
    for leaf in try reachableNodes(forest) where leaf.feature < 0 {
      #expect((leaf.value * 262_144).rounded() == leaf.value * 262_144)
      #expect(rowCount(ofAveragePathLength: Double(leaf.value) - Double(leaf.depth)) != nil)
    }
  }

  @Test func `rows of another width trap`() async {
    await #expect(processExitsWith: .failure) {
      let forest = CompiledForest(try IsolationForest.fit(column([1, 2]), seed: 1))
      _ = forest.score([1, 2])
    }
    await #expect(processExitsWith: .failure) {
      let forest = CompiledForest(try IsolationForest.fit(column([1, 2]), seed: 1))
      _ = forest.scores(Matrix(rows: 20, columns: 2))
    }
  }
}
