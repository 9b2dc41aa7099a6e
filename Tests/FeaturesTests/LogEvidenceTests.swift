import Features
import Foundation
import Telemetry
import Testing

private let grid = TimeGrid(first: Timestamp(seconds: 60), interval: .minutes(1), count: 60)
private let definition = FeatureDefinition(
  interval: .minutes(1), windows: [4],
  selected: [
    SelectedFeature(.logInvariants, window: 4), SelectedFeature(.logNextSurprise, window: 3),
  ])

/// Requests that begin and end, of which one does not end in the fiftieth minute, when lines appear
/// that training has not seen.
private func frame() -> ServiceFrame {
  var counts = (0..<grid.count).flatMap { row in
    (0...1).map {
      LogActivity.Count(row: row, pattern: $0, lines: row == 50 && $0 == 1 ? 2 : 3 + row % 2)
    }
  }
  counts += (2...5).map { LogActivity.Count(row: 51, pattern: $0, lines: $0) }
  return ServiceFrame(
    service: "shop", columns: [], values: [],
    logs: LogActivity(
      patterns: [
        LogPattern(text: "request <*> begins", level: .info),
        LogPattern(text: "request <*> ends", level: .info),
      ] + ["boom", "clash", "bang", "crash"].map { LogPattern(text: $0, level: .error) },
      counts: counts.sorted { ($0.row, $0.pattern) < ($1.row, $1.pattern) },
      recorded: (0..<grid.count).map { $0 != 49 },
      transitions: (0..<grid.count).flatMap { row -> [LogActivity.Transition] in
        let usual = LogActivity.Transition(row: row, from: 0, to: 1, lines: 3)
        guard row == 51 else { return [usual] }
        return [
          usual, .init(row: row, from: 1, to: 1, lines: 1),
          .init(row: row, from: 1, to: 2, lines: 2),
        ]
      }))
}

private func evidence(cell: Int, cells: Int? = nil) throws -> LogEvidence? {
  let fitted = (0..<grid.count).map { $0 < 40 }
  var service = try #require(
    ServiceFeatureModel.fitChannels(frame(), grid: grid, isFitted: fitted, definition: definition)
      .model)
  service.fitFeatures(frame(), grid: grid, isFitted: fitted, definition: definition)
  return FeatureModel(definition: definition, services: [service])
    .logEvidence(in: frame(), grid: grid, cell: cell, cells: cells)
}

@Suite struct LogEvidenceTests {
  @Test func `a cell leads back to the service, the time and sample lines of each template`() throws
  {
    let found = try #require(try evidence(cell: 51))
    #expect(found.service == "shop")
    #expect(found.range == TimeRange(start: grid.timestamp(at: 47), end: grid.timestamp(at: 51)))
    #expect(found.recordedCells == 3)
    #expect(found.templates.map(\.text) == ["", "request <*> begins", "request <*> ends"])
    let unknown = found.templates[0]
    #expect(unknown.id == nil && unknown.lines == 14)
    #expect(unknown.first == grid.timestamp(at: 51) && unknown.last == unknown.first)
    #expect(unknown.samples.map(\.text) == ["crash", "bang", "clash"])
    #expect(found.templates[1].lines == 10 && found.templates[1].id?.count == 16)
    #expect(found.templates[1].first == grid.timestamp(at: 48))
  }

  @Test func `lines that are missing are told by the pair they are missing from`() throws {
    let found = try #require(try evidence(cell: 51))
    #expect(found.broken.map(\.missing) == [1])
    #expect(
      Set(found.broken.flatMap { [$0.first, $0.second] })
        == ["request <*> begins", "request <*> ends"])
    #expect(found.broken.first?.ratio ?? (0, 0) == (1, 1))
    #expect(try #require(try evidence(cell: 40)).broken.isEmpty)
  }

  @Test func `what followed what is told, the least expected first`() throws {
    let found = try #require(try evidence(cell: 51))
    #expect(
      found.surprising.map(\.from) == [
        "request <*> ends", "request <*> ends", "request <*> begins",
      ])
    #expect(found.surprising.map(\.to) == ["", "request <*> ends", "request <*> ends"])
    #expect(found.surprising.map(\.lines) == [2, 1, 9])
    #expect(found.surprising.map(\.training) == [0, 0, 120])
    // Nothing followed an end in training, so each template is as likely as it is common.
    let unknown = -log2(1.0 / 123)
    #expect(abs(found.surprising[0].bits - unknown) < 1e-12)
    #expect(found.surprising[2].bits < 0.01)
    #expect(try #require(try evidence(cell: 40)).surprising.map(\.training) == [120])
  }

  @Test func `it reaches as far back as asked, and not before the first cell`() throws {
    let one = try #require(try evidence(cell: 50, cells: 1))
    #expect(one.templates.map(\.lines) == [3, 2])
    let all = try #require(try evidence(cell: 2, cells: 100))
    #expect(all.range.start == grid.range.start && all.recordedCells == 3)
  }

  @Test func `a service that is not known has none`() {
    let model = FeatureModel(definition: definition, services: [])
    #expect(model.logEvidence(in: frame(), grid: grid, cell: 5) == nil)
  }
}
