import CForestKernels
import IsolationForest
import LinearAlgebra
import Storage
import Testing

/// Every way to score must give the bits of `IsolationForest.score`.
@Suite struct CompiledForestTests {
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

  /// Trees of which each is complete down to a depth, with one row in each leaf.
  private func completeTrees(
    _ count: Int, depth: Int, columns: Int, column: (Int) -> Int
  ) throws -> IsolationForest {
    let (splits, leaves) = ((1 << depth) - 1, 1 << depth)
    var bits = [UInt8](repeating: 0, count: (count * (splits + leaves) + 7) / 8)
    for tree in 0..<count {
      for node in tree * (splits + leaves)..<tree * (splits + leaves) + splits {
        bits[node / 8] |= 1 << (node % 8)
      }
    }
    let values: [String: TensorBundle.Values] = [
      "subsample": .int32([Int32(leaves)]), "trees": .int32([Int32(count)]), "split": .uint8(bits),
      "feature": .init(smallest: (0..<count * splits).map { column($0 / splits) }),
      "threshold": .float((0..<count * splits).map { Float($0 % splits) / Float(splits) - 0.5 }),
      "rows": .init(smallest: Array(repeating: 1, count: count * leaves)),
    ]
    var bundle = TensorBundle(source: "complete.safetensors")
    for (name, values) in values {
      bundle.tensors["forest.\(name)"] = .init(shape: [values.count], values: values)
    }
    return try IsolationForest(decoding: bundle, prefix: "forest", columns: columns)
  }

  @Test(arguments: [(65_536, true), (65_537, false)])
  func `more slots than a block of ranks should take are left to the nodes`(
    columns: Int, isRanked: Bool
  ) throws {
    let forest = try completeTrees(columns, depth: 1, columns: columns) { $0 }
    let taken = expectSameBits(forest, normalRows(17, columns, seed: 1))
    #expect(taken.isSuperset(of: [.forest, .nodes]))
    #expect(taken.isDisjoint(with: vectors) == !isRanked || vectors.isEmpty)
  }

  @Test func `columns that no tree splits on take no memory in any group`() throws {
    // Two trees fill a group; lists of all columns for each would take 6 GB.
    let forest = try completeTrees(1_000, depth: 8, columns: 400_000) { $0 % 2 * 399_999 }
    let taken = expectSameBits(forest, normalRows(16, 400_000, seed: 1))
    #expect(taken.isSuperset(of: vectors))
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
