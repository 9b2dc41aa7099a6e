import IsolationForest
import LinearAlgebra
import Storage
import Testing

@Suite struct ForestStatisticsTests {
  @Test func `counts are those of the stored tree`() throws {
    let forest = try IsolationForest.fit(
      normalRows(300, 3, seed: 1), configuration: .init(trees: 12, subsample: 50), seed: 2)
    let (statistics, nodes) = (forest.statistics, try reachableNodes(forest))
    let leaves = nodes.filter { $0.feature < 0 }
    #expect(statistics.trees == 12 && statistics.hyperplanes == 0)
    #expect(statistics.nodes == nodes.count && statistics.leaves == leaves.count)
    let depths = Dictionary(grouping: nodes, by: \.tree).values.map { $0.map(\.depth).max() ?? 0 }
    #expect(statistics.depths.lowerBound == depths.min())
    #expect(statistics.depths.upperBound == depths.max())
    let mean = Double(leaves.reduce(0) { $0 + $1.depth }) / Double(leaves.count)
    #expect(abs(statistics.meanLeafDepth - mean) < 1e-12)
  }

  @Test func `a tree is drawn with its columns and rows`() throws {
    let forest = try IsolationForest.fit(
      column([0, 9, 9]), configuration: .init(trees: 1), seed: 2)
    let root = try reachableNodes(forest)[0]
    #expect(
      forest.text(ofTree: 0, names: ["cpu"]) == """
        cpu <= \(root.value): 3 rows
          path length 1.0, 1 row
          path length 2.0, 2 rows

        """)
  }

  /// A tree that cuts off one row at each of its splits.
  private func chain(_ splits: Int) throws -> IsolationForest {
    // Breadth first: the root, then pairs of a leaf and the next split.
    var bits = [UInt8](repeating: 0, count: (2 * splits + 8) / 8)
    for node in [0] + (1..<splits).map({ 2 * $0 }) { bits[node / 8] |= 1 << (node % 8) }
    let values: [String: TensorBundle.Values] = [
      "subsample": .int32([Int32(splits + 1)]), "trees": .int32([1]), "split": .uint8(bits),
      "feature": .init(smallest: Array(repeating: 0, count: splits)),
      "threshold": .float((0..<splits).map(Float.init)),
      "rows": .init(smallest: Array(repeating: 1, count: splits + 1)),
    ]
    var bundle = TensorBundle()
    for (name, values) in values {
      bundle.tensors["forest.\(name)"] = .init(shape: [values.count], values: values)
    }
    return try IsolationForest(decoding: bundle, prefix: "forest", columns: 1)
  }

  @Test func `the text of a chain of splits grows with their number, not with its square`() throws {
    let text = try chain(10_000).text(ofTree: 0, names: ["cpu"])
    let lines = text.split(separator: "\n")
    #expect(lines.count == 20_001)
    #expect(lines[80] == String(repeating: "  ", count: 40) + "cpu <= 40.0: 9961 rows")
    #expect(lines[82] == String(repeating: "  ", count: 40) + "[41] cpu <= 41.0: 9960 rows")
    #expect(text.utf8.count < 20_001 * 130)
    #expect(try chain(10_000).statistics.depths == 10_000...10_000)
  }

  @Test func `a tree with hyperplanes is drawn`() throws {
    let forest = try IsolationForest.fit(
      normalRows(60, 3, seed: 1), configuration: .init(trees: 2, extensionLevel: 1), seed: 2)
    let text = forest.text(ofTree: 1, names: ["a", "b", "c"])
    #expect(text.contains(") + ") && text.contains("<= ") && text.contains(": 60 rows"))
    let leaves = text.split(separator: "\n").filter { $0.contains("path length") }
    let rows = leaves.compactMap { $0.split(separator: " ").dropLast().last.flatMap { Int($0) } }
    #expect(rows.reduce(0, +) == 60)
  }
}
