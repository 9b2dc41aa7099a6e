import Features
import LinearAlgebra
import Storage
import Telemetry
import Testing

@Suite struct FeatureBatchTests {
  @Test(arguments: [0, 1, 2, 31, 47, 48, 91, 92, 93, 400, 1300])
  func `a whole frame at once gives what it gives row by row, bit for bit`(rows: Int) {
    for seed in 0..<3 {
      let (frame, grid) = randomFrame(rows: rows, seed: UInt64(rows + seed))
      let model = fittedModel(frame, grid: grid)
      let batch = FeatureBatch(frame, grid: grid, definition: fullDefinition, model: model)
      let expected = streamed(frame, grid: grid, model: model)
      #expect(difference(batch.observations(), expected, model: model) == nil)
    }
  }

  @Test func `unscaled features are equal too, so that scales do not hide differences`() {
    let (frame, grid) = randomFrame(rows: 500, seed: 9)
    var model = fittedModel(frame, grid: grid)
    model.featureScaling = []
    let batch = FeatureBatch(frame, grid: grid, definition: fullDefinition, model: model)
    let expected = streamed(frame, grid: grid, model: model)
    #expect(difference(batch.observations(), expected, model: model) == nil)
    let present = expected[499].features.count { !$0.isNaN }
    #expect(present > expected[499].features.count / 2)
  }

  @Test func `a service without any column has no channels and no features but the calendar`() {
    let grid = TimeGrid(first: Timestamp(seconds: 600), interval: .minutes(10), count: 3)
    let frame = ServiceFrame(service: "cart", columns: [], values: [])
    let model = ServiceFeatureModel(
      service: "cart", metricColumns: [], metricKinds: [], logs: nil, channelScaling: [],
      featureScaling: [])
    let batch = FeatureBatch(frame, grid: grid, definition: fullDefinition, model: model)
    #expect(batch.featureCount == 4)
    let expected = streamed(frame, grid: grid, model: model)
    #expect(difference(batch.observations(), expected, model: model) == nil)
  }

  @Test func `no feature of the catalogue changes when the future changes`() {
    var generator = Philox(seed: 3, purpose: "causality")
    for seed in 0..<8 {
      let (frame, grid) = randomFrame(rows: 200, seed: 50 + UInt64(seed))
      let model = fittedModel(frame, grid: grid)
      let cut = 1 + generator.index(below: 199)
      var changed = frame
      for index in cut * frame.columns.count..<frame.values.count {
        changed.values[index] = generator.uniform() * 1e6
      }
      changed.logs?.counts.removeAll { $0.row >= cut }
      changed.logs?.transitions?.removeAll { $0.row >= cut }
      let now = FeatureBatch(frame, grid: grid, definition: fullDefinition, model: model)
        .observations()
      let later = FeatureBatch(changed, grid: grid, definition: fullDefinition, model: model)
        .observations()
      #expect(difference(now[..<cut], later[..<cut], model: model) == nil)
      #expect(difference(now[cut...], later[cut...], model: model) != nil)
    }
  }

  @Test func `days and weeks are learnt from the fit window alone`() {
    let (frame, grid) = randomFrame(rows: 400, seed: 4)
    var changed = frame
    for index in 200 * frame.columns.count..<frame.values.count { changed.values[index] = 3 }
    let fitted = (0..<400).map { $0 < 200 }
    var (model, other) = (fittedModel(frame, grid: grid), fittedModel(frame, grid: grid))
    model.fitFeatures(frame, grid: grid, isFitted: fitted, definition: fullDefinition)
    other.fitFeatures(changed, grid: grid, isFitted: fitted, definition: fullDefinition)
    #expect(model == other)
    #expect(model.seasons.count == model.channels.count)
    let hours = Set(model.seasons[0].hours)
    #expect(hours.count > 10)
  }
}

@Suite struct FeatureSnapshotTests {
  @Test func `an extractor goes on from a snapshot as if it had never stopped`() throws {
    let (frame, grid) = randomFrame(rows: 260, seed: 6)
    let model = fittedModel(frame, grid: grid)
    let rows = Array(FrameRows(frame: frame, grid: grid, columns: model.metricColumns))
    let expected = streamed(frame, grid: grid, model: model)
    for cut in [0, 1, 2, 17, 59, 60, 61, 119, 121, 200] {
      var first = FeatureExtractor(definition: fullDefinition, model: model)
      for row in rows[..<cut] { _ = first.push(row) }
      let file = first.snapshot().safetensors()
      var second = FeatureExtractor(definition: fullDefinition, model: model)
      try second.restore(TensorBundle(safetensors: file, source: "state"))
      let found = rows[cut...].map { second.push($0) }
      #expect(difference(found, expected[cut...], model: model) == nil, "after \(cut) rows")
    }
  }

  @Test func `memory does not grow with the number of rows`() {
    let (frame, grid) = randomFrame(rows: 900, seed: 7)
    let model = fittedModel(frame, grid: grid)
    var extractor = FeatureExtractor(definition: fullDefinition, model: model)
    var sizes: Set<Int> = []
    for row in FrameRows(frame: frame, grid: grid, columns: model.metricColumns) {
      _ = extractor.push(row)
      sizes.insert(extractor.snapshot().safetensors().count)
    }
    #expect(sizes.count == 1)
  }

  @Test func `a snapshot of other features is refused`() {
    let (frame, grid) = randomFrame(rows: 50, seed: 8)
    let model = fittedModel(frame, grid: grid)
    let small = FeatureDefinition(interval: .minutes(10), windows: [3])
    var plain = model
    plain.featureScaling = []
    var extractor = FeatureExtractor(definition: fullDefinition, model: model)
    #expect(throws: StorageError.self) {
      try extractor.restore(FeatureExtractor(definition: small, model: plain).snapshot())
    }
  }
}
