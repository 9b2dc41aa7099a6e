import Diagnostics
import IsolationForest
import LinearAlgebra
import Storage
import Testing

@Suite struct IsolationForestStorageTests {
  private let rows = normalRows(300, 4, seed: 1)

  private func decoded(
    _ bundle: TensorBundle, columns: Int = 4
  ) throws(IsolationForestError) -> IsolationForest {
    try IsolationForest(decoding: bundle, prefix: "forest", columns: columns)
  }

  @Test func `a forest survives a round trip through bytes`() throws {
    let forest = try IsolationForest.fit(rows, seed: 1)
    let file = encoded(forest).safetensors()
    let bundle = try TensorBundle(safetensors: file, source: "forest.safetensors")
    let copy = try decoded(bundle)
    #expect(copy == forest)
    #expect(copy.scores(rows) == forest.scores(rows))
    #expect(encoded(copy).safetensors() == file)
  }

  @Test func `forests without a cut survive too`() throws {
    for rows in [Matrix(rows: 1, columns: 4), Matrix(rows: 9, columns: 4)] {
      let forest = try IsolationForest.fit(rows, seed: 1)
      #expect(try decoded(encoded(forest)) == forest)
    }
    let columnless = try IsolationForest.fit(Matrix(rows: 3, columns: 0), seed: 1)
    #expect(try decoded(encoded(columnless), columns: 0) == columnless)
  }

  @Test(arguments: kindsOfTrees)
  func `forests of every kind survive`(configuration: IsolationForestConfiguration) throws {
    let forest = try IsolationForest.fit(rows, configuration: configuration, seed: 1)
    let file = encoded(forest).safetensors()
    let copy = try decoded(TensorBundle(safetensors: file, source: "forest.safetensors"))
    #expect(copy == forest)
    #expect(copy.missing == configuration.missing)
    #expect(copy.scores(rows) == forest.scores(rows))
    #expect(encoded(copy).safetensors() == file)
  }

  @Test func `several forests share a bundle`() throws {
    let (one, two) = (
      try IsolationForest.fit(rows, seed: 1), try IsolationForest.fit(rows, seed: 2)
    )
    var bundle = TensorBundle()
    one.encode(into: &bundle, prefix: "a")
    two.encode(into: &bundle, prefix: "b")
    #expect(try IsolationForest(decoding: bundle, prefix: "a", columns: 4) == one)
    #expect(try IsolationForest(decoding: bundle, prefix: "b", columns: 4) == two)
  }

  @Test(arguments: ["subsample", "trees", "split", "feature", "threshold", "rows"])
  func `a missing or mistyped tensor is named`(name: String) throws {
    let whole = encoded(try IsolationForest.fit(rows, seed: 1))
    var bundle = whole
    bundle.tensors["forest.\(name)"] = nil
    let missing = #expect(throws: IsolationForestError.self) { try decoded(bundle) }
    #expect(missing?.description.contains("'forest.\(name)' is missing") == true)
    #expect(missing?.kind == .integrity)
    bundle = whole
    bundle.tensors["forest.\(name)"] = .init(shape: [1], values: .double([1]))
    #expect(throws: IsolationForestError.self) { try decoded(bundle) }
  }

  @Test func `a column that the rows do not have is refused`() throws {
    let bundle = encoded(try IsolationForest.fit(rows, seed: 1))
    let error = #expect(throws: IsolationForestError.self) { try decoded(bundle, columns: 3) }
    #expect(error?.kind == .integrity)
    #expect(error?.description.contains("column 3 of 3") == true)
  }

  @Test func `a leaf keeps a number of rows and a split a threshold, and nothing links them`()
    throws
  {
    let forest = try IsolationForest.fit(
      normalRows(1_000, 20, seed: 1), configuration: .init(trees: 100), seed: 1)
    let nodes = try reachableNodes(forest)
    let splits = nodes.count { $0.feature >= 0 }
    let bits = (nodes.count + 7) / 8
    let numbers = 5 * splits + (nodes.count - splits) + bits + 8
    // The rest is the file's header.
    #expect(encoded(forest).safetensors().count < numbers + 700)
  }

  /// A valid tree: a split whose children are leaves.
  private func stump(
    subsample: Int32 = 2, trees: Int32 = 1, split: [UInt8] = [0b001], feature: [Int] = [0],
    threshold: [Float] = [0.5], rows: [Int]? = [1, 1], length: [Float]? = nil
  ) -> TensorBundle {
    var bundle = TensorBundle(source: "stump.safetensors")
    bundle.tensors = [
      "forest.subsample": .init(shape: [1], values: .int32([subsample])),
      "forest.trees": .init(shape: [1], values: .int32([trees])),
      "forest.split": .init(shape: [split.count], values: .uint8(split)),
      "forest.feature": .init(shape: [feature.count], values: .init(smallest: feature)),
      "forest.threshold": .init(shape: [threshold.count], values: .float(threshold)),
    ]
    if let rows {
      bundle.tensors["forest.rows"] = .init(shape: [rows.count], values: .init(smallest: rows))
    }
    if let length {
      bundle.tensors["forest.length"] = .init(shape: [length.count], values: .float(length))
    }
    return bundle
  }

  @Test func `a tree written by hand is read`() throws {
    #expect(try decoded(stump(), columns: 1).score([0]) == 0.5)
    let lengths = stump(rows: nil, length: [1, 2])
    #expect(try decoded(lengths, columns: 1).score([0]) == 0.5)
    #expect(try decoded(lengths, columns: 1).score([1]) == 0.25)
  }

  @Test func `trees that are none are refused`() {
    let faults: [(String, TensorBundle)] = [
      ("subsample is 0", stump(subsample: 0)),
      ("subsample is -5", stump(subsample: -5)),
      ("0 trees", stump(trees: 0)),
      ("-1 trees", stump(trees: -1)),
      ("\(Int32.max) trees", stump(trees: .max)),
      ("'forest.rows' has shape [2], expected 3", stump(trees: 2)),
      ("1 of 3 nodes in use", stump(split: [0b000], rows: [2, 1])),
      ("more splits than thresholds", stump(split: [0b111])),
      ("tree 0: leaves of 2 rows, the tree has 3", stump(subsample: 3)),
      ("tree 0: leaves of 4 rows, the tree has 3", stump(subsample: 3, rows: [2, 2])),
      ("tree 0: deeper than 1 rows", stump(subsample: 1)),
      ("tree 0: deeper than 1 rows", stump(subsample: 1, rows: nil, length: [1, 1])),
      ("bits behind the last node", stump(split: [0b1001])),
      ("'forest.split' has shape [2], expected 1", stump(split: [0b001, 0])),
      ("'forest.split' has shape [0], expected 1", stump(split: [])),
      ("'forest.threshold' has shape [1], expected 0", stump(feature: [])),
      ("'forest.rows' has shape [3], expected 2", stump(rows: [1, 1, 1])),
      ("'forest.rows' is missing", stump(rows: nil)),
      ("'forest.length' has shape [1], expected 2", stump(length: [1])),
      ("column -2", stump(feature: [-2])),
      ("column 1 of 1", stump(feature: [1])),
      ("threshold nan", stump(threshold: [.nan])),
      ("threshold inf", stump(threshold: [.infinity])),
      ("leaf 1: no path length of 2 rows", stump(rows: [1, 0])),
      ("leaf 1: no path length of 2 rows", stump(rows: [1, 3])),
      ("leaf 0: no path length of 2 rows", stump(rows: [-1, 1])),
      ("leaf 1: no path length of 2 rows", stump(rows: nil, length: [1, -1])),
      ("leaf 1: no path length of 2 rows", stump(rows: nil, length: [1, 3])),
      ("leaf 1: no path length of 2 rows", stump(rows: nil, length: [1, .nan])),
      // Shorter than the way to the leaf.
      ("leaf 0: no path length of 2 rows", stump(rows: nil, length: [0, 1])),
      ("leaf 0: no path length of 50 rows", stump(subsample: 50, rows: nil, length: [49, 1])),
      // Not a multiple that sums of path lengths are exact with.
      ("leaf 0: no path length of 2 rows", stump(rows: nil, length: [Float(1).nextUp, 1])),
    ]
    for (reason, bundle) in faults {
      let error = #expect(throws: IsolationForestError.self) { try decoded(bundle, columns: 1) }
      #expect(error?.description.contains(reason) == true, "\(error.debugDescription), \(reason)")
      #expect(error?.description.hasPrefix("stump.safetensors: ") == true)
      #expect(error?.kind == .integrity)
    }
  }
}
