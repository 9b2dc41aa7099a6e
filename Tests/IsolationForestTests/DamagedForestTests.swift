import IsolationForest
import LinearAlgebra
import Storage
import Testing

/// Whatever tensors a file holds, they are refused, or they are a forest that works in every way.
@Suite struct DamagedForestTests {
  @Test(arguments: [
    IsolationForestConfiguration(trees: 5, subsample: 16),
    .init(trees: 5, subsample: 16, extensionLevel: 1, missing: .majority),
    .init(trees: 5, subsample: 16, missing: .both),
    // Numbers of columns and of rows that take 16 bits.
    .init(trees: 5, subsample: 600, depthLimit: 2),
  ])
  func `a forest damaged at random is refused or scores`(
    configuration: IsolationForestConfiguration
  ) throws {
    let isWide = configuration.subsample > 255
    let rows = isWide ? wideRows() : normalRows(300, 4, seed: 1)
    let whole = encoded(try IsolationForest.fit(rows, configuration: configuration, seed: 1))
    if isWide {
      for name in ["feature", "rows"] {
        guard case .uint16 = whole.tensors["forest.\(name)"]?.values else {
          Issue.record("\(name) is not of 16 bits")
          continue
        }
      }
    }
    var scored = rows.selecting(rows: 0..<20)
    (scored[3, rows.columns - 1], scored[4, rows.columns - 2]) = (.nan, .infinity)
    var random = Philox(seed: 9, purpose: "mutations")
    let names = whole.tensors.keys.sorted()
    var (refused, accepted, ranked) = (0, 0, 0)
    for _ in 0..<20_000 {
      var bundle = whole
      for _ in 0...random.index(below: 2) {
        let name = names[random.index(below: names.count)]
        bundle.tensors[name] = try mutated(#require(bundle.tensors[name]), using: &random)
      }
      do {
        let forest = try IsolationForest(
          decoding: bundle, prefix: "forest", columns: rows.columns)
        accepted += 1
        #expect(forest.scores(scored).allSatisfy { $0 >= 0 && $0 <= 1 })
        ranked += expectSameBits(forest, scored).isSuperset(of: vectors) ? 1 : 0
        try describe(forest)
        let attribution = PathAttribution(forest)
        #expect(attribution.contributions(to: rows.row(0)).count == rows.columns)
        _ = forest.normalRange(of: 1, in: rows.row(0), scoreAtMost: 0.5)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 4_000 && accepted > 1_000, "\(refused) refused, \(accepted) accepted")
    #expect(ranked > 500 || configuration.extensionLevel > 0, "\(ranked) scored by vectors")
  }

  /// Rows of 300 columns, of which only the last four differ.
  private func wideRows() -> Matrix {
    var rows = Matrix(rows: 700, columns: 300)
    let values = normalRows(700, 4, seed: 1)
    for row in 0..<700 {
      for column in 0..<4 { rows[row, 296 + column] = values[row, column] }
    }
    return rows
  }

  /// Says in every form what a forest is; whatever was decoded can be told.
  private func describe(_ forest: IsolationForest) throws {
    let names = (0..<forest.columns).map { "c\($0)" }
    let statistics = forest.statistics
    #expect(statistics.depths.upperBound < forest.subsample)
    #expect(statistics.expectedPathLength >= 0 && statistics.meanLeafDepth.isFinite)
    let lines = (0..<forest.trees).map {
      forest.text(ofTree: $0, names: names).split(separator: "\n").count
    }
    #expect(lines.reduce(0, +) == statistics.nodes)
    let model = try? forest.onnx(names: names, producer: ("test", "1"))
    #expect((model == nil) == (statistics.hyperplanes > 0 || forest.missing == .both))
    #expect(
      try IsolationForest(decoding: encoded(forest), prefix: "forest", columns: forest.columns)
        == forest)
  }

  private func mutated(
    _ tensor: TensorBundle.Tensor, using random: inout Philox
  ) throws -> TensorBundle.Tensor {
    switch tensor.values {
    case .int32(var values):
      let changed = [Int32.min, -1, 0, 1, 3, .max, Int32(random.index(below: 200))]
      mutate(&values, to: changed[random.index(below: changed.count)], using: &random)
      return .init(shape: [values.count], values: .int32(values))
    case .float(var values):
      let changed = [Float.nan, .infinity, -1e30, 0, 2, .greatestFiniteMagnitude]
      mutate(&values, to: changed[random.index(below: changed.count)], using: &random)
      return .init(shape: [values.count], values: .float(values))
    case .uint8(var values):
      let changed = [0, 1, 3, .max, UInt8(random.index(below: 256))]
      mutate(&values, to: changed[random.index(below: changed.count)], using: &random)
      return .init(shape: [values.count], values: .uint8(values))
    case .uint16(var values):
      let changed = [0, 1, 3, 299, .max, UInt16(random.index(below: 600))]
      mutate(&values, to: changed[random.index(below: changed.count)], using: &random)
      return .init(shape: [values.count], values: .uint16(values))
    case .double:
      return tensor
    }
  }

  private func mutate<Number>(
    _ values: inout [Number], to number: Number, using random: inout Philox
  ) {
    let place = random.index(below: values.count)
    switch random.index(below: 8) {
    case 0: values.remove(at: place)
    case 1: values.insert(number, at: place)
    case 2: values.swapAt(place, random.index(below: values.count))
    default: values[place] = number
    }
    if values.isEmpty { values.append(number) }
  }
}
