import IsolationForest
import LinearAlgebra
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
