import Features
import LinearAlgebra
import Storage
import Telemetry
import Testing

private let definition = FeatureDefinition(interval: .minutes(1), windows: [2, 5])
private let grid = TimeGrid(first: Timestamp(seconds: 60), interval: .minutes(1), count: 100)

private func frame(seed: UInt64 = 1, changingFrom cut: Int = 100) -> ServiceFrame {
  var generator = Philox(seed: seed, purpose: "frame")
  var values: [Double] = []
  var counts: [LogActivity.Count] = []
  for row in 0..<grid.count {
    let change = row >= cut ? 1000.0 : 0
    values += [
      10 + generator.uniform() + change, generator.uniform() < 0.1 ? .nan : Double(row) + change,
      .nan,
    ]
    counts.append(
      LogActivity.Count(row: row, pattern: row >= cut ? 2 : row % 2, lines: 1 + row % 3))
  }
  return ServiceFrame(
    service: "cart",
    columns: ["cpu", "memory", "never"].map { MetricColumn(name: $0, kind: .gauge) },
    values: values,
    logs: LogActivity(
      patterns: [
        LogPattern(text: "order <*> placed", level: .info),
        LogPattern(text: "retry after timeout", level: .warning),
        LogPattern(text: "panic: nil map", level: .error),
      ], counts: counts, recorded: Array(repeating: true, count: grid.count)))
}

private let fitted = (0..<grid.count).map { $0 >= 10 && $0 < 60 && $0 != 30 }

private func fit(
  _ frame: ServiceFrame
) -> (model: ServiceFeatureModel?, dropped: [DroppedChannel]) {
  var (model, dropped) = ServiceFeatureModel.fitChannels(
    frame, grid: grid, isFitted: fitted, definition: definition)
  model?.fitFeatures(frame, grid: grid, isFitted: fitted, definition: definition)
  return (model, dropped)
}

@Suite struct ServiceFeatureModelTests {
  @Test func `a metric without data in the fit window is left out and named`() throws {
    let (model, dropped) = fit(frame())
    #expect(try #require(model).metricColumns == ["cpu", "memory"])
    #expect(dropped == [DroppedChannel(service: "cart", channel: "never", coverage: 0)])
  }

  @Test func `nothing after the fit window enters the model`() {
    let now = fit(frame())
    let later = fit(frame(changingFrom: 60))
    #expect(now.model == later.model)
    let inside = fit(frame(changingFrom: 40))
    #expect(now.model != inside.model)
  }

  @Test func `channel scaling is the robust summary of the fitted cells alone`() throws {
    let data = frame()
    let model = try #require(
      fit(data).model)
    let cells = fitted.indices.filter { fitted[$0] }.map { data.values[$0 * 3] }
    #expect(model.channelScaling[0] == RobustSummary(of: cells))
  }

  @Test func `a scale far below that of the same channel elsewhere is raised to a quarter of it`()
    throws
  {
    var still = frame()
    for row in 0..<grid.count { still.values[row * 3] = 10 }
    let others = (1...3).compactMap { fit(frame(seed: $0)).model }
    let alone = try #require(fit(still).model)
    var all = others + [alone]
    ServiceFeatureModel.shareScales(&all)
    #expect(all.prefix(3).map(\.channelScaling) == others.map(\.channelScaling))
    let typical = quantile(
      ofSorted: (others + [alone]).map { $0.channelScaling[0].scale }.sorted(), 0.5)
    #expect(all[3].channelScaling[0].scale == max(alone.channelScaling[0].scale, typical / 4))
  }

  @Test func `templates that the fit window has not seen are counted as unknown`() throws {
    let data = frame(changingFrom: 60)
    let model = try #require(
      fit(data).model)
    let logs = try #require(model.logs)
    #expect(logs.tracked.count == 2)
    let unknown = try #require(model.channels.firstIndex(of: "log_unknown_templates"))
    let errors = try #require(model.channels.firstIndex(of: "log_errors"))
    var extractor = FeatureExtractor(definition: definition, model: model)
    let rows = FrameRows(frame: data, grid: grid, columns: model.metricColumns)
      .map { extractor.push($0).channels }
    #expect(rows[59][unknown] == 0)
    #expect(rows[60][unknown] > 0)
    #expect(rows[60][errors] == rows[60][unknown])
  }

  @Test func `cells without recorded logs are missing, not silent`() throws {
    var data = frame()
    data.logs?.recorded[50] = false
    let model = try #require(
      fit(data).model)
    var extractor = FeatureExtractor(definition: definition, model: model)
    let row = FrameRows(frame: data, grid: grid, columns: model.metricColumns)
      .map { extractor.push($0).channels }[50]
    #expect(row[2...].allSatisfy { $0.isNaN })
    #expect(!row[0].isNaN)
  }

  @Test func `rows follow the model's columns by name, whatever the frame's order`() {
    let data = frame()
    let rows = FrameRows(frame: data, grid: grid, columns: ["memory", "absent", "cpu"])
    #expect(rows.absentColumns == ["absent"])
    let first = rows.first { _ in true }
    #expect(first?.metrics[2] == data.values[0])
    #expect(first?.metrics[1].isNaN == true)
  }

  @Test func `a model survives its JSON document`() throws {
    let service = try #require(
      fit(frame()).model)
    let model = FeatureModel(definition: definition, services: [service])
    let bytes = Array(model.json().text().utf8)
    let read = try FeatureModel(
      json: JSONDocument(JSONValue(parsing: bytes, source: "f"), source: "f"))
    #expect(read == model)
    #expect(Array(read.json().text().utf8) == bytes)
  }

  @Test func `a document of another version or with a wrong scale is refused`() throws {
    let service = try #require(
      fit(frame()).model)
    guard
      case .object(let members) = FeatureModel(definition: definition, services: [service]).json()
    else { return #expect(Bool(false)) }
    var newer = members
    newer["version"] = 3
    #expect(throws: FeatureError.unsupportedVersion(found: 3, supported: 2)) {
      try FeatureModel(json: JSONDocument(.object(newer), source: "f"))
    }
    var broken = members
    if case .array(let services)? = members["services"], case .object(var first) = services[0] {
      first["channel_scale"] = [0]
      broken["services"] = .array([.object(first)])
    }
    #expect(throws: StorageError.self) {
      try FeatureModel(json: JSONDocument(.object(broken), source: "f"))
    }
  }
}
