import IsolationForest
import LinearAlgebra
import Storage
import Testing

@Suite struct SplitRuleTests {
  @Test(arguments: [SplitRule.averagedGain(candidates: 1), .pooledGain(candidates: 1)])
  func `a split by gain falls into the gap`(rule: SplitRule) throws {
    // Two groups; any other threshold leaves one of them spread out.
    let values = (0..<40).map { Float($0) / 40 } + (0..<40).map { 100 + Float($0) / 40 }
    let forest = try IsolationForest.fit(
      column(values), configuration: .init(trees: 20, subsample: 80, split: rule), seed: 1)
    let roots = try reachableNodes(forest).filter { $0.depth == 0 }
    let middle = Float((Double(values[39]) + Double(values[40])) / 2)
    #expect(Set(roots.map(\.value)) == [middle])
  }

  @Test func `the averaged gain cuts off one row where the pooled one halves`() throws {
    // Uniform values with one a little apart: the averaged gain values the lone side's σ of 0.
    let values = (0..<64).map(Float.init) + [80]
    func root(_ rule: SplitRule) throws -> Float {
      let forest = try IsolationForest.fit(
        column(values), configuration: .init(trees: 1, subsample: 65, split: rule), seed: 1)
      return try reachableNodes(forest)[0].value
    }
    #expect(try root(.pooledGain(candidates: 1)) < 40)
    #expect(try root(.averagedGain(candidates: 1)) == 71.5)
  }

  @Test func `the best of several columns is cut`() throws {
    var rows = normalRows(200, 6, seed: 1)
    for row in 0..<100 { rows[row, 4] += 1_000 }
    let forest = try IsolationForest.fit(
      rows, configuration: .init(trees: 100, split: .pooledGain(candidates: 60)), seed: 1)
    let roots = try reachableNodes(forest).filter { $0.depth == 0 }
    #expect(roots.count { $0.feature == 4 } > 95)
  }

  @Test func `hyperplanes combine a column more than their level`() throws {
    for level in [1, 2, 7] {
      let forest = try IsolationForest.fit(
        normalRows(300, 4, seed: 1), configuration: .init(trees: 20, extensionLevel: level),
        seed: 1)
      let starts = try encoded(forest).int32s("forest.plane.start", shape: [nil])
      let counts = zip(starts, starts.dropFirst()).map { Int($1 - $0) }
      // Where few rows are left, fewer columns vary; with normal rows all of them do.
      #expect(Set(counts) == [min(level + 1, 4)])
      let columns = try encoded(forest).int32s("forest.plane.feature", shape: [nil])
      for (begin, end) in zip(starts, starts.dropFirst()) {
        #expect(Set(columns[Int(begin)..<Int(end)]).count == Int(end - begin))
      }
    }
  }

  @Test func `hyperplanes are indifferent to units`() throws {
    let rows = normalRows(300, 3, seed: 1)
    var scaled = rows
    for row in 0..<300 {
      scaled[row, 0] *= 1_048_576
      scaled[row, 1] *= 1 / 1_024
    }
    let configuration = IsolationForestConfiguration(extensionLevel: 2)
    let scores = try IsolationForest.fit(rows, configuration: configuration, seed: 1).scores(rows)
    let others = try IsolationForest.fit(scaled, configuration: configuration, seed: 1)
      .scores(scaled)
    for (a, b) in zip(scores, others) { #expect(abs(a - b) < 1e-4) }
  }

  @Test func `constant columns are in no hyperplane`() throws {
    var rows = normalRows(200, 4, seed: 1)
    for row in 0..<200 { rows[row, 2] = 7 }
    let forest = try IsolationForest.fit(
      rows, configuration: .init(extensionLevel: 3), seed: 1)
    let columns = try encoded(forest).int32s("forest.plane.feature", shape: [nil])
    #expect(Set(columns) == [0, 1, 3])
  }

  @Test func `values at the ends of floats are cut`() throws {
    let widest = Float.greatestFiniteMagnitude
    let tiny = Float.leastNonzeroMagnitude
    let rows = Matrix(
      rows: 4, columns: 2, elements: [-widest, tiny, widest, 0, widest, tiny, -widest, -tiny])
    for rule in [SplitRule.random, .pooledGain(candidates: 2)] {
      for level in [0, 1] {
        let forest = try IsolationForest.fit(
          rows, configuration: .init(extensionLevel: level, split: rule), seed: 1)
        #expect(forest.scores(rows).allSatisfy { $0 > 0 && $0 < 1 })
      }
    }
  }
}
