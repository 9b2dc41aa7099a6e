import Features
import Storage
import Telemetry
import Testing

private let begins = LogPattern(text: "request begins", level: .info)
private let ends = LogPattern(text: "request ends", level: .info)
private let fails = LogPattern(text: "cache broken", level: .error)
private let grid = TimeGrid(first: Timestamp(seconds: 60), interval: .minutes(1), count: 80)

private let definition = FeatureDefinition(
  interval: .minutes(1), windows: [4],
  selected: CatalogueFeature.allCases.filter { $0.scope == .logs }
    .map { SelectedFeature($0, window: 4) })

/// A service whose requests begin and end in the same cell, five or six in each.
private func frame(_ change: (inout LogActivity) -> Void = { _ in }) -> ServiceFrame {
  var logs = LogActivity(
    patterns: [begins, ends, fails],
    counts: (0..<grid.count).flatMap { row in
      (0...1).map { LogActivity.Count(row: row, pattern: $0, lines: 5 + row % 2) }
    }, recorded: Array(repeating: true, count: grid.count))
  change(&logs)
  logs.counts.sort { ($0.row, $0.pattern) < ($1.row, $1.pattern) }
  return ServiceFrame(service: "shop", columns: [], values: [], logs: logs)
}

private func model(
  _ frame: ServiceFrame, _ definition: FeatureDefinition = definition
) throws -> ServiceFeatureModel {
  let fitted = (0..<grid.count).map { $0 < 40 }
  var model = try #require(
    ServiceFeatureModel.fitChannels(frame, grid: grid, isFitted: fitted, definition: definition)
      .model)
  model.fitFeatures(frame, grid: grid, isFitted: fitted, definition: definition)
  return model
}

/// Unscaled values of a feature, [cells].
private func values(_ name: String, _ frame: ServiceFrame) throws -> [Float] {
  var model = try model(frame)
  model.featureScaling = []
  let names = FeatureModel(definition: definition, services: [model]).featureNames(of: model)
  let index = try #require(names.firstIndex(of: name), "\(names)")
  var extractor = FeatureExtractor(definition: definition, model: model)
  return FrameRows(frame: frame, grid: grid, columns: []).map {
    extractor.push($0).features[index]
  }
}

@Suite struct LogFeatureTests {
  @Test func `a follow-up line that is missing shows for as long as the window holds it`() throws {
    let found = try values(
      "log_invariants(4m)",
      frame { logs in
        logs.counts[logs.counts.firstIndex { $0.row == 60 && $0.pattern == 1 } ?? -1].lines -= 1
      })
    #expect(found[2...59].allSatisfy { $0 == 0 })
    #expect(found[60...63].allSatisfy { $0 > 0.69 && $0 < 0.70 })
    #expect(found[64...].allSatisfy { $0 == 0 })
  }

  @Test func `templates that only happen to come together once are no invariant`() throws {
    let once = try model(frame { $0.counts.append(.init(row: 3, pattern: 2, lines: 5)) })
    #expect(once.logProfile?.invariants.count == 1)
    let often = try model(
      frame { logs in
        for row in 0..<grid.count {
          logs.counts.append(.init(row: row, pattern: 2, lines: row % 3 + 1))
        }
      })
    #expect(often.logProfile?.invariants.count == 1)
  }

  @Test func `a burst is measured against its window, and a run lasts as long as errors do`() throws
  {
    let data = frame { logs in
      for row in [50, 51, 52, 53, 54, 60] {
        logs.counts.append(.init(row: row, pattern: 2, lines: row == 60 ? 7 : 1))
      }
    }
    let run = try values("log_error_run(4m)", data)
    #expect(Array(run[49...55]) == [0, 1, 2, 3, 4, 4, 0])
    let burst = try values("log_error_burst(4m)", data)
    #expect(burst[53] == 0)
    #expect(burst[55] < 0 && burst[59] == 0)
    #expect(abs(burst[60] - 1.068) < 0.001)  // ln 8 − ln(1 + 7/4)
  }

  @Test func `time without recorded logs is missing, and does not look like silence`() throws {
    let data = frame { logs in
      for row in 50...57 { logs.recorded[row] = false }
      logs.counts.removeAll { (50...57).contains($0.row) }
    }
    for name in ["log_entropy(4m)", "log_level_count(info, 4m)", "log_template_count(other, 4m)"] {
      let found = try values(name, data)
      #expect(!found[51].isNaN && found[52...58].allSatisfy { $0.isNaN } && !found[59].isNaN)
      #expect(abs(found[51] - found[49]) < 0.1, "\(name)")
    }
    #expect(try values("log_error_run(4m)", data)[50].isNaN)
    let silent = try values("log_entropy(4m)", frame { $0.counts.removeAll { $0.row >= 50 } })
    #expect(silent[53...].allSatisfy { $0 == 0 })
  }

  @Test func `a template is new when the window before did not have it`() throws {
    let data = frame { logs in
      for row in [10, 20, 21, 30, 34, 35] {
        logs.counts.append(.init(row: row, pattern: 2, lines: 2))
      }
    }
    let found = try values("log_new_template_rate(4m)", data)
    let new = found.indices.filter { found[$0] > 0 }
    #expect(new == [10, 20, 30])
    #expect(abs(found[20] - 1.0 / 3) < 1e-6)
  }

  @Test func `nothing after the fit window enters what is usual`() throws {
    let now = try model(frame())
    let later = try model(
      frame { logs in
        for row in 40..<grid.count { logs.counts.append(.init(row: row, pattern: 2, lines: 9)) }
        logs.counts.removeAll { $0.row >= 40 && $0.pattern == 1 }
      })
    #expect(now == later)
    let inside = try model(frame { $0.counts.removeAll { $0.row == 39 && $0.pattern == 1 } })
    #expect(now != inside)
  }

  @Test func `an order of templates that training did not have is surprising`() throws {
    func changed(_ change: (inout [LogActivity.Transition]) -> Void = { _ in }) -> ServiceFrame {
      var transitions = (0..<grid.count).flatMap { row in
        [
          LogActivity.Transition(row: row, from: 0, to: 1, lines: 6),
          LogActivity.Transition(row: row, from: 1, to: 0, lines: 2),
        ]
      }
      change(&transitions)
      return frame { logs in
        logs.transitions = transitions.sorted {
          ($0.row, $0.from, $0.to) < ($1.row, $1.from, $1.to)
        }
      }
    }
    let data = changed { $0.append(.init(row: 60, from: 1, to: 1, lines: 8)) }
    let unseen = try values("log_next_unseen(4m)", data)
    #expect(unseen[59] == 0 && unseen[60...63].allSatisfy { $0 == 0.2 } && unseen[64] == 0)
    let most = try values("log_next_surprise_max(4m)", data)
    #expect(most[59] < 0.02 && most[60] > 6 && most[63] == most[60] && most[64] == most[59])
    let mean = try values("log_next_surprise(4m)", data)
    #expect(mean[60] > mean[59] + 1 && mean[64] == mean[59])
    // Cells without a pair are missing, as are datasets that do not know the order.
    let none = try values("log_next_surprise(4m)", changed { $0.removeAll { $0.row >= 50 } })
    #expect(!none[52].isNaN && none[53...].allSatisfy(\.isNaN))
    #expect(try values("log_next_unseen(4m)", frame()).allSatisfy(\.isNaN))
  }

  @Test func `pairs that begin outside of the fit window are not learnt from`() throws {
    var frame = frame { logs in
      logs.transitions = (0..<grid.count).map { .init(row: $0, from: 0, to: 1, lines: 1) }
    }
    let channels = try #require(try model(frame).logs)
    func pairs(_ isFitted: (Int) -> Bool) throws -> Int {
      let activity = try #require(frame.logs)
      let model = TransitionModel(
        fitting: activity, channels: channels, isFitted: (0..<grid.count).map(isFitted))
      return model.pairs.reduce(0) { $0 + $1.lines }
    }
    #expect(try pairs { $0 < 40 } == 40)
    #expect(try pairs { $0 < 40 && $0 != 10 } == 38)
    frame.logs?.recorded[10] = false
    #expect(try pairs { $0 < 40 && $0 != 10 } == 39)
  }

  @Test func `the default set has no features of logs as a whole, and its models no profile`()
    throws
  {
    let defaults = FeatureDefinition(interval: .minutes(1), windows: [4])
    let service = try model(frame(), defaults)
    #expect(service.logProfile == nil)
    #expect(service.featureCount(defaults) == service.channels.count * 8)
    let text = FeatureModel(definition: defaults, services: [service]).json().text()
    #expect(!text.contains("log_profile"))
  }

  @Test func `a service without logs has none of them`() {
    let model = ServiceFeatureModel(
      service: "shop", metricColumns: [], metricKinds: [], logs: nil, channelScaling: [],
      featureScaling: [])
    #expect(model.featureCount(definition) == 0)
  }

  @Test func `a profile that does not fit its templates is refused`() throws {
    let service = try model(
      frame { logs in
        logs.transitions = (0..<grid.count).flatMap { row in
          (0...1).filter { $0 == 0 || row > 0 }.map {
            .init(row: row, from: $0, to: 1 - $0, lines: 1)
          }
        }
      })
    let stored = FeatureModel(definition: definition, services: [service]).json().text()
    func read(_ text: String) throws -> FeatureModel {
      try FeatureModel(
        json: JSONDocument(JSONValue(parsing: Array(text.utf8), source: "f"), source: "f"))
    }
    #expect(try read(stored).services == [service])
    #expect(stored.contains("\"invariants\":[[0,1,1,1]]"))
    for wrong in ["[[0,2,1,1]]", "[[1,1,1,1]]", "[[0,1,1,5]]", "[[0,1,0,1]]", "[[0,1]]"] {
      let text = stored.replacing("\"invariants\":[[0,1,1,1]]", with: "\"invariants\":\(wrong)")
      #expect(throws: StorageError.self, "\(wrong)") { _ = try read(text) }
    }
    #expect(stored.contains("\"transitions\":[[0,1,40],[1,0,39]]"))
    for wrong in [
      "[[0,3,1]]", "[[-1,0,1]]", "[[0,1,0]]", "[[0,1]]", "[[1,0,1],[0,1,1]]", "[[0,1,1],[0,1,1]]",
    ] {
      let text = stored.replacing(
        "\"transitions\":[[0,1,40],[1,0,39]]", with: "\"transitions\":\(wrong)")
      #expect(throws: StorageError.self, "\(wrong)") { _ = try read(text) }
    }
    let short = stored.replacing("\"lines\":[", with: "\"lines\":[7,")
    #expect(throws: StorageError.self) { _ = try read(short) }
  }

  @Test func `a snapshot with numbers that are no counts is refused`() throws {
    let service = try model(frame { $0.transitions = [] })
    var extractor = FeatureExtractor(definition: definition, model: service)
    for row in FrameRows(frame: frame(), grid: grid, columns: []).prefix(9) {
      _ = extractor.push(row)
    }
    let snapshot = extractor.snapshot()
    let cells = try #require(snapshot.tensors["log_cells"])
    guard case .int32(let numbers) = cells.values else { return #expect(Bool(false)) }
    for (place, number) in [(0, Int32(2)), (numbers.count - 1, -1)] {
      var wrong = numbers
      wrong[place] = number
      var bundle = snapshot
      bundle.tensors["log_cells"] = .init(shape: cells.shape, values: .int32(wrong))
      #expect(throws: StorageError.self) { try extractor.restore(bundle) }
    }
    for wrong in [-1, 0.5, 0x1p60, .nan] {
      var bundle = snapshot
      let surprise = try #require(bundle.tensors["log_surprise"])
      let rest = [Double](repeating: 0, count: surprise.shape.reduce(1, *) - 1)
      bundle.tensors["log_surprise"] = .init(
        shape: surprise.shape, values: .double([wrong] + rest))
      #expect(throws: StorageError.self) { try extractor.restore(bundle) }
    }
    try extractor.restore(snapshot)
  }
}
