import Features
import Foundation
import LinearAlgebra
import Storage
import Telemetry
import Testing

private let definition = FeatureDefinition(
  interval: .minutes(15), windows: [2, 5], usesLogs: false, takesDailyCourse: true)
private let perDay = 96

/// A column that comes and goes with the day, one that does not, one of states that does, and one
/// with gaps; `days` long, from an instant that is no midnight.
private func frame(days: Int, seed: UInt64 = 1) -> (frame: ServiceFrame, grid: TimeGrid) {
  let grid = TimeGrid(
    first: Timestamp(seconds: 1_700_000_100), interval: .minutes(15), count: days * perDay)
  var generator = Philox(seed: seed, purpose: "days")
  var values: [Double] = []
  for row in 0..<grid.count {
    let daily = 100 + 50 * sin(2 * .pi * Double(row) / Double(perDay))
    values += [
      daily + generator.uniform(), generator.uniform(), daily,
      row % 7 == 0 ? .nan : daily + generator.uniform(),
    ]
  }
  let columns = ["requests", "noise", "mode", "gaps"].map {
    MetricColumn(name: $0, kind: $0 == "mode" ? .state : .gauge)
  }
  return (ServiceFrame(service: "cart", columns: columns, values: values), grid)
}

private func fit(
  _ frame: ServiceFrame, _ grid: TimeGrid, days: Int
) throws -> ServiceFeatureModel {
  let isFitted = (0..<grid.count).map { $0 < days * perDay }
  var (model, _) = ServiceFeatureModel.fitChannels(
    frame, grid: grid, isFitted: isFitted, definition: definition)
  model?.fitFeatures(frame, grid: grid, isFitted: isFitted, definition: definition)
  return try #require(model)
}

private func observations(
  _ frame: ServiceFrame, _ grid: TimeGrid, _ model: ServiceFeatureModel
) -> [Observation] {
  var extractor = FeatureExtractor(definition: definition, model: model)
  return FrameRows(frame: frame, grid: grid, columns: model.metricColumns)
    .map { extractor.push($0) }
}

@Suite struct DailyCourseTests {
  @Test func `metrics that follow the day get its course, others and states do not`() throws {
    let (frame, grid) = frame(days: 8)
    let model = try fit(frame, grid, days: 6)
    #expect(model.courses.map { $0 != nil } == [true, false, false, true])
    // What the day explains is gone in days that nothing was fitted on; the rest stays.
    let rows = observations(frame, grid, model)[(6 * perDay)...]
    #expect(rows.allSatisfy { abs($0.channels[0]) < 0.2 })
    #expect(rows.contains { abs($0.channels[2]) > 0.5 })
  }

  @Test func `a peak that does not come is as far out as one that comes at night`() throws {
    var (frame, grid) = frame(days: 8)
    let model = try fit(frame, grid, days: 6)
    let trough = 6 * perDay + 72
    let usual = observations(frame, grid, model)[trough]
    frame.values[trough * frame.columns.count] = 150
    let peak = observations(frame, grid, model)[trough]
    // 150 is an everyday value, but not at this time.
    #expect(abs(usual.features[0]) < 3)
    #expect(abs(peak.features[0]) > 30)
  }

  @Test func `few days give no course`() throws {
    let (frame, grid) = frame(days: 8)
    #expect(try fit(frame, grid, days: 3).courses.isEmpty)
    var plain = definition
    plain.takesDailyCourse = false
    var model = try fit(frame, grid, days: 6)
    model.fitFeatures(
      frame, grid: grid, isFitted: Array(repeating: true, count: grid.count), definition: plain)
    #expect(model.courses.isEmpty)
  }

  @Test func `no value after the fit window enters a course`() throws {
    let (frame, grid) = frame(days: 8)
    var changed = frame
    for index in 6 * perDay * frame.columns.count..<frame.values.count { changed.values[index] = 3 }
    #expect(try fit(frame, grid, days: 6) == fit(changed, grid, days: 6))
  }

  @Test func `a whole frame at once gives what it gives row by row, bit for bit`() throws {
    let (frame, grid) = frame(days: 7)
    let model = try fit(frame, grid, days: 5)
    let batch = FeatureBatch(frame, grid: grid, definition: definition, model: model)
      .observations()
    for (ours, theirs) in zip(batch, observations(frame, grid, model)) {
      #expect(ours.channels.map(\.bitPattern) == theirs.channels.map(\.bitPattern))
      #expect(ours.features.map(\.bitPattern) == theirs.features.map(\.bitPattern))
    }
  }

  @Test func `levels come back in the metric's unit with the course of their instant`() throws {
    let (frame, grid) = frame(days: 7)
    let model = try fit(frame, grid, days: 5)
    let features = FeatureModel(definition: definition, services: [model])
    for row in [500, 550, 600] {
      let observation = observations(frame, grid, model)[row]
      let unit = features.units(of: model, at: observation.time)[0]
      let value = unit.median + unit.scale * Double(observation.features[0])
      #expect(abs(value - frame.values[row * frame.columns.count]) < 1e-3)
    }
  }

  @Test func `a model keeps its courses in its document, under a version of their own`() throws {
    let (frame, grid) = frame(days: 7)
    let features = FeatureModel(
      definition: definition, services: [try fit(frame, grid, days: 5)])
    guard case .object(var members) = features.json() else { return #expect(Bool(false)) }
    #expect(members["version"] == .integer(2))
    #expect(
      try FeatureModel(json: JSONDocument(.object(members), source: "f")) == features)

    guard case .array(let services)? = members["services"],
      case .object(var service) = services[0]
    else { return #expect(Bool(false)) }
    for broken: JSONValue in [[.null], [[1, 2], .null, .null, .null], "none"] {
      service["courses"] = broken
      members["services"] = .array([.object(service)])
      #expect(throws: StorageError.self) {
        try FeatureModel(json: JSONDocument(.object(members), source: "f"))
      }
    }
  }
}
