import CForestKernels
import Foundation
import IsolationForest
import LinearAlgebra
import Storage
import Testing

/// Rows of independent standard normal numbers (Box-Muller).
func normalRows(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
  var random = Philox(seed: seed, purpose: "test rows")
  let elements = (0..<rows * columns).map { _ in
    Float((-2 * log(1 - random.uniform())).squareRoot() * cos(2 * .pi * random.uniform()))
  }
  return Matrix(rows: rows, columns: columns, elements: elements)
}

/// One column with the given values.
func column(_ values: [Float]) -> Matrix {
  Matrix(rows: values.count, columns: 1, elements: values)
}

/// A forest's tensors under the prefix `forest`.
func encoded(_ forest: IsolationForest) -> TensorBundle {
  var bundle = TensorBundle(source: "test.safetensors")
  forest.encode(into: &bundle, prefix: "forest")
  return bundle
}

/// A node as the tensors describe it, with the depth and the rows its leaf stands for.
struct StoredNode: Hashable {
  var tree: Int
  var feature: Int
  var value: Float
  var depth: Int
}

/// Every node, read from the tensors of a forest without hyperplanes.
func reachableNodes(_ forest: IsolationForest) throws -> [StoredNode] {
  let bundle = encoded(forest)
  let bits = try bundle.bytes("forest.split", shape: [nil])
  let features = try bundle.integers("forest.feature", shape: [nil])
  let thresholds = try bundle.floats("forest.threshold", shape: [features.count])
  let rows = try? bundle.integers("forest.rows", shape: [nil])
  let lengths = try? bundle.floats("forest.length", shape: [nil])
  var result: [StoredNode] = []
  var (split, leaf) = (0, 0)
  for tree in 0..<Int(try bundle.int32s("forest.trees", shape: [1])[0]) {
    var (depth, width) = (0, 1)
    while width > 0 {
      let before = split
      for _ in 0..<width {
        let index = result.count
        if bits[index / 8] & 1 << (index % 8) != 0 {
          result.append(
            StoredNode(
              tree: tree, feature: features[split], value: thresholds[split], depth: depth))
          split += 1
        } else {
          let exact = rows.map { Double(depth) + averagePathLength($0[leaf]) }
          let rounded = exact.map { Float(($0 * 262_144).rounded() / 262_144) }
          let value = try #require(lengths?[leaf] ?? rounded)
          result.append(StoredNode(tree: tree, feature: -1, value: value, depth: depth))
          leaf += 1
        }
      }
      (depth, width) = (depth + 1, 2 * (split - before))
    }
  }
  return result
}

/// The number of rows n whose average path length is `length`.
func rowCount(ofAveragePathLength length: Double) -> Int? {
  (1...10_000).first { abs(averagePathLength($0) - length) < 1e-4 }
}

/// Spearman's rank correlation, ties at their mean rank.
func rankCorrelation(_ a: [Float], _ b: [Float]) -> Double {
  func ranks(_ values: [Float]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for position in start..<end { ranks[order[position]] = Double(start + end - 1) / 2 }
      start = end
    }
    return ranks
  }
  let (x, y) = (ranks(a), ranks(b))
  let mean = Double(a.count - 1) / 2
  func sum(_ u: [Double], _ v: [Double]) -> Double {
    zip(u, v).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
  }
  return sum(x, y) / (sum(x, x) * sum(y, y)).squareRoot()
}

/// Scores rows in every way and returns the ways that there were.
@discardableResult
func expectSameBits(
  _ forest: IsolationForest, _ rows: Matrix, _ location: SourceLocation = #_sourceLocation
) -> Set<CompiledForest.Path> {
  let compiled = CompiledForest(forest)
  let expected = (0..<rows.rows).map { forest.score(rows.row($0)).bitPattern }
  var taken: Set<CompiledForest.Path> = []
  for path in CompiledForest.Path.allCases {
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
var vectors: Set<CompiledForest.Path> {
  let kernels: [(CompiledForest.Path, ap_forest_path)] = [
    (.neon, AP_FOREST_NEON), (.avx2, AP_FOREST_AVX2), (.avx512, AP_FOREST_AVX512),
  ]
  return Set(kernels.filter { ap_forest_has_path($0.1) != 0 }.map(\.0))
}
