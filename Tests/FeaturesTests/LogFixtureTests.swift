import Features
import Foundation
import LinearAlgebra
import LogTemplates
import Telemetry
import Testing

/// Log features that NumPy and SciPy computed; Fixtures/make_log_fixture.py says how.
private struct LogFixture: Decodable {
  enum Value: Decodable {
    case number(Double)
    case parts([String: Double])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else {
        self = .parts(try container.decode([String: Double].self))
      }
    }
  }

  struct Window: Decodable {
    var window: Int
    var rows: [[String: Value]?]
  }

  var names: [String]
  var levels: [String]
  var fitted: Int
  var counts: [[Int]]
  var recorded: [Bool]
  var transitions: [[Int]]
  var pairs: [String: [Int]]
  var windows: [Window]

  var activity: LogActivity {
    LogActivity(
      patterns: zip(names, levels).map { name, level in
        LogPattern(
          text: "\(name) happens", level: LogLevel.allCases.first { "\($0)" == level } ?? .unknown)
      },
      counts: counts.enumerated().flatMap { row, lines in
        lines.enumerated().filter { $0.element > 0 }
          .map { LogActivity.Count(row: row, pattern: $0.offset, lines: $0.element) }
      }, recorded: recorded,
      transitions: transitions.map { .init(row: $0[0], from: $0[1], to: $0[2], lines: $0[3]) })
  }

  var isFitted: [Bool] { counts.indices.map { $0 < fitted } }

  static let saved = Result {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/logs.json")
    return try JSONDecoder().decode(LogFixture.self, from: Data(contentsOf: path))
  }
}

/// The features of every cell by name, unscaled.
private func features(
  _ fixture: LogFixture, _ selected: [SelectedFeature]
) throws -> (rows: [[String: Float]], profile: LogProfile, texts: [String]) {
  let activity = fixture.activity
  let grid = TimeGrid(
    first: Timestamp(seconds: 60), interval: .minutes(1), count: activity.recorded.count)
  let channels = try #require(
    LogChannels.fit(activity, isFitted: fixture.isFitted, limit: 2))
  let profile = LogProfile(
    fitting: activity, channels: channels, isFitted: fixture.isFitted, learnsTransitions: true)
  let definition = FeatureDefinition(interval: .minutes(1), windows: [2], selected: selected)
  let model = ServiceFeatureModel(
    service: "shop", metricColumns: [], metricKinds: [], logs: channels,
    channelScaling: channels.names.map { _ in .init(median: 0, scale: 1) }, logProfile: profile,
    featureScaling: [])
  let names = FeatureModel(definition: definition, services: [model]).featureNames(of: model)
  let frame = ServiceFrame(service: "shop", columns: [], values: [], logs: activity)
  var extractor = FeatureExtractor(definition: definition, model: model)
  let rows = FrameRows(frame: frame, grid: grid, columns: []).map { row in
    Dictionary(uniqueKeysWithValues: zip(names, extractor.push(row).features))
  }
  return (rows, profile, channels.dictionary.templates.map(\.text))
}

@Suite struct LogFixtureTests {
  @Test func `log features are those of NumPy and SciPy`() throws {
    let fixture = try LogFixture.saved.get()
    #expect(fixture.windows.count == 3)
    var compared = 0
    for window in fixture.windows {
      let known = CatalogueFeature.allCases.filter {
        $0.scope == .logs && $0.shortestWindow ?? 1 <= window.window
      }
      let (rows, _, _) = try features(
        fixture, known.map { SelectedFeature($0, window: window.window) })
      let span = "\(TimeSpan.minutes(1) * window.window)"
      for (cell, expected) in window.rows.enumerated() {
        func check(_ name: String, _ theirs: Double?) throws {
          let ours = try #require(rows[cell][name], "\(name)")
          let place: Comment = "\(name) in cell \(cell): \(ours)"
          compared += 1
          guard let theirs else {
            #expect(ours.isNaN, "\(place) where there is none")
            return
          }
          #expect(
            abs(Double(ours) - theirs) <= 1e-6 * abs(theirs) + 1e-6, "\(place), not \(theirs)")
        }
        for feature in known
        where ![.logTemplateCount, .logInvariants].contains(feature) {
          switch expected?[feature.rawValue] {
          case .number(let number): try check("\(feature.rawValue)(\(span))", number)
          case .parts(let parts):
            for (part, number) in parts {
              try check("\(feature.rawValue)(\(part), \(span))", number)
            }
          case nil where feature == .logLevelCount:
            try check("\(feature.rawValue)(error, \(span))", nil)
          case nil: try check("\(feature.rawValue)(\(span))", nil)
          }
        }
      }
    }
    #expect(compared > 3000)
  }

  @Test
  func `count invariants are a tree of the pairs that NumPy finds, and so are the lines missing`()
    throws
  {
    let fixture = try LogFixture.saved.get()
    let window = try #require(fixture.windows.last)
    let (rows, profile, texts) = try features(
      fixture, [SelectedFeature(.logInvariants, window: window.window)])
    // Three templates belong together: two of their three pairs say so.
    #expect(fixture.pairs.count == 3)
    #expect(profile.invariants.count == 2)
    func number(_ template: Int) -> Int {
      fixture.names.firstIndex { texts[template].hasPrefix($0) } ?? -1
    }
    let found = profile.invariants.map { invariant -> (key: String, factors: [Int]) in
      let (a, b) = (number(invariant.first), number(invariant.second))
      return a < b
        ? ("\(a),\(b)", [invariant.firstFactor, invariant.secondFactor])
        : ("\(b),\(a)", [invariant.secondFactor, invariant.firstFactor])
    }
    for (key, factors) in found { #expect(fixture.pairs[key] == factors, "\(key)") }
    var missing = 0.0
    for (cell, expected) in window.rows.enumerated() {
      let ours = try #require(rows[cell]["log_invariants(15m)"])
      guard case .parts(let parts)? = expected?["violations"] else {
        #expect(ours.isNaN, "cell \(cell)")
        continue
      }
      let sum = found.reduce(0) { $0 + (parts[$1.key] ?? .nan) }
      #expect(abs(Double(ours) - log1p(sum)) < 1e-6, "cell \(cell)")
      missing = max(missing, sum)
    }
    #expect(missing >= 5)
  }
}
