import Foundation
import IsolationForest
import LinearAlgebra
import Testing

/// What each tree must look like, seen through the stored tensors.
@Suite struct IsolationTreeTests {
  @Test(arguments: [(2, 1), (3, 2), (4, 2), (5, 3), (255, 8), (256, 8), (257, 9)])
  func `depth ends at the logarithm of the subsample`(subsample: Int, limit: Int) throws {
    let forest = try IsolationForest.fit(
      normalRows(400, 3, seed: 1), configuration: .init(subsample: subsample), seed: 2)
    #expect(forest.subsample == subsample)
    #expect(try reachableNodes(forest).map(\.depth).max() == limit)
  }

  @Test func `leaves account for every row of the subsample`() throws {
    let forest = try IsolationForest.fit(
      normalRows(400, 3, seed: 1), configuration: .init(trees: 30, subsample: 100), seed: 2)
    var rows = [Int](repeating: 0, count: forest.trees)
    for leaf in try reachableNodes(forest) where leaf.feature < 0 {
      let beyond = Double(leaf.value) - Double(leaf.depth)
      rows[leaf.tree] += try #require(rowCount(ofAveragePathLength: beyond))
    }
    #expect(rows == [Int](repeating: 100, count: 30))
  }

  @Test func `a subsample never holds a row twice`() throws {
    // Different values can always be cut apart, so that a leaf above the depth limit is one row.
    let rows = column((0..<20).map(Float.init))
    let forest = try IsolationForest.fit(rows, configuration: .init(subsample: 16), seed: 3)
    for leaf in try reachableNodes(forest) where leaf.feature < 0 && leaf.depth < 4 {
      #expect(leaf.value == Float(leaf.depth))
    }
  }

  @Test func `each row is drawn about equally often`() throws {
    // A tree over two rows cuts between the values it drew.
    let rows = column([0, 1, 10, 100])
    let forest = try IsolationForest.fit(
      rows, configuration: .init(trees: 6_000, subsample: 2), seed: 4)
    let roots = try reachableNodes(forest).filter { $0.depth == 0 }
    // Of the six pairs only {0, 1} keeps the threshold below 1 surely; {0, 10} does so in one case
    // of ten and {0, 100} in one of a hundred: (1 + 0.1 + 0.01) / 6.
    let share = Double(roots.count { $0.value < 1 }) / 6_000
    #expect(abs(share - 1.11 / 6) < 0.02)
  }

  @Test func `only columns that vary are cut, each equally often`() throws {
    let normal = normalRows(300, 2, seed: 1)
    var rows = Matrix(rows: 0, columns: 4)
    for row in 0..<300 { rows.append(row: [5, normal[row, 0], -0.0, normal[row, 1] * 1_000]) }
    let forest = try IsolationForest.fit(rows, configuration: .init(trees: 2_000), seed: 2)
    let roots = try reachableNodes(forest).filter { $0.depth == 0 }
    #expect(Set(roots.map(\.feature)) == [1, 3])
    #expect(abs(Double(roots.count { $0.feature == 1 }) / 2_000 - 0.5) < 0.04)
  }

  @Test func `thresholds of a column are uniform between its extremes`() throws {
    let forest = try IsolationForest.fit(
      column([0, 1, 1, 1]), configuration: .init(trees: 4_000), seed: 2)
    let thresholds = try reachableNodes(forest).filter { $0.depth == 0 }.map(\.value).sorted()
    #expect(thresholds[0] >= 0 && thresholds[3_999] < 1)
    for (rank, threshold) in thresholds.enumerated() {
      #expect(abs(Double(threshold) - Double(rank) / 4_000) < 0.03)
    }
  }

  @Test func `neighbouring floats are cut at the smaller one`() throws {
    let forest = try IsolationForest.fit(column([1, Float(1).nextUp]), seed: 2)
    let roots = try reachableNodes(forest).filter { $0.depth == 0 }
    #expect(roots.allSatisfy { $0.value == 1 })
  }

  @Test func `the widest range that floats have can be cut`() throws {
    let widest = Float.greatestFiniteMagnitude
    let forest = try IsolationForest.fit(column([-widest, widest]), seed: 2)
    let roots = try reachableNodes(forest).filter { $0.depth == 0 }
    #expect(roots.allSatisfy { $0.feature == 0 && $0.value >= -widest && $0.value < widest })
    #expect(Set(roots.map { $0.value < 0 }) == [true, false])
  }

  @Test func `a share of the columns is drawn for each tree`() throws {
    let forest = try IsolationForest.fit(
      normalRows(300, 10, seed: 1), configuration: .init(maxFeatures: 0.3), seed: 2)
    let splits = try reachableNodes(forest).filter { $0.feature >= 0 }
    let columns = Dictionary(grouping: splits, by: \.tree).mapValues { Set($0.map(\.feature)) }
    #expect(columns.values.allSatisfy { $0.count == 3 })
    #expect(columns.values.reduce(into: Set()) { $0.formUnion($1) } == Set(0..<10))
  }

  @Test func `the smallest share is one column`() throws {
    let forest = try IsolationForest.fit(
      normalRows(100, 3, seed: 1), configuration: .init(maxFeatures: 0.01), seed: 2)
    let splits = try reachableNodes(forest).filter { $0.feature >= 0 }
    let columns = Dictionary(grouping: splits, by: \.tree).mapValues { Set($0.map(\.feature)) }
    #expect(columns.count == 100 && columns.values.allSatisfy { $0.count == 1 })
  }
}
