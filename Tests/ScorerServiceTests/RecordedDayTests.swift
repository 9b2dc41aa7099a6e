import Companions
import DatasetStore
import Features
import Foundation
import Models
import Storage
import Telemetry
import Testing

/// Three recorded days of the simulated shop at a minute's distance, with metrics, logs and times in
/// which nothing was recorded, and what evaluation wrote about them.
private struct RecordedDays {
  static let day = 1_440
  static let count = 3 * day
  /// Cells without a row: a few minutes, an hour of one service, a minute of all, and while the scorer
  /// is killed.
  static let gaps: [(service: Int?, cells: Range<Int>)] = [
    (0, 700..<707), (1, 2_900..<2_960), (nil, 3_333..<3_334), (2, 3_690..<3_712),
  ]

  let folder: TestFolder
  let dataset: Dataset
  let registry: String
  /// Scores of each service by cell, as they stand in the file.
  let scores: [String: [[Float]]]

  init() async throws {
    let folder = try TestFolder()
    self.folder = folder
    func tool(_ arguments: String...) async throws {
      let done = try await run(Companions.tool, arguments + ["--quiet"])
      try #require(done.code == 0, "\(arguments.joined(separator: " ")): \(done.errors)")
    }
    try await tool(
      "simulate", "--out", "\(folder.path)/raw", "--interval", "1m", "--days", "14", "--plain")
    try await tool(
      "ingest", "--prometheus", "\(folder.path)/raw/metrics.json", "--loki",
      "\(folder.path)/raw/logs.jsonl", "--incidents", "\(folder.path)/raw/incidents.csv",
      "--interval", "1m", "--out", "\(folder.path)/raw/data")
    let whole = try #require(
      try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/raw/data").first {
        $0.hasSuffix(".h5")
      })
    dataset = Self.lastDays(of: try DatasetFile.read("\(folder.path)/raw/data/\(whole)"))
    let snapshot = "\(folder.path)/days.h5"
    try DatasetFile.write(dataset, to: snapshot)
    let configuration = try folder.write(
      "shop.yaml",
      """
      name: shop
      seed: 3
      reader: {interval: 1m, sources: [{type: prometheus, path: none.json}]}
      features:
        windows: [10m, 30m]
        add: [log_next_surprise, log_rare_score, log_entropy]
      models:
        isolation_forest: {trees: 25, subsample: 128}
        lstm: {hidden: 8, epochs: 1, smoothing: 3}
        false_alarm_rate: 0.001
      evaluation: {split: {fractions: {train: 0.45, calibration: 0.2}}}

      """)
    try await tool(
      "train", configuration, "--dataset", snapshot, "--out", "\(folder.path)/candidate")
    registry = "\(folder.path)/registry"
    try await tool(
      "publish", "--model", "\(folder.path)/candidate", "--registry", registry, "--alias",
      "champion")
    try await tool(
      "evaluate", "--model", "\(registry)/shop@champion", "--dataset", snapshot, "--out",
      "\(folder.path)/results")
    scores = try Self.scores(in: "\(folder.path)/results/scores.csv", dataset.grid)
  }

  private static func lastDays(of whole: Dataset) -> Dataset {
    let first = whole.grid.count - count
    let grid = TimeGrid(
      first: whole.grid.timestamp(at: first), interval: whole.grid.interval, count: count)
    let services = whole.services.enumerated().map { number, frame in
      let width = frame.columns.count
      var values = Array(frame.values[(first * width)...])
      var recorded = frame.logs.map { Array($0.recorded[first...]) } ?? []
      var silent = Set<Int>()
      for gap in gaps where gap.service == nil || gap.service == number {
        silent.formUnion(gap.cells)
        for cell in gap.cells {
          for column in 0..<width { values[cell * width + column] = .nan }
          if !recorded.isEmpty { recorded[cell] = false }
        }
      }
      let logs = frame.logs.map { logs in
        LogActivity(
          patterns: logs.patterns,
          counts: logs.counts.compactMap { count in
            let row = count.row - first
            guard row >= 0, !silent.contains(row) else { return nil }
            return LogActivity.Count(row: row, pattern: count.pattern, lines: count.lines)
          }, recorded: recorded,
          transitions: logs.transitions?.compactMap { next in
            let row = next.row - first
            guard row >= 0, !silent.contains(row) else { return nil }
            return LogActivity.Transition(
              row: row, from: next.from, to: next.to, lines: next.lines)
          })
      }
      return ServiceFrame(
        service: frame.service, columns: frame.columns, values: values, logs: logs)
    }
    return Dataset(
      grid: grid, services: services,
      incidents: whole.incidents.filter { $0.start > grid.range.start })
  }

  private static func scores(in path: String, _ grid: TimeGrid) throws -> [String: [[Float]]] {
    var scores: [String: [[Float]]] = [:]
    let text = try String(contentsOfFile: path, encoding: .utf8)
    for line in text.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      let service = String(fields[1])
      let cell = scores[service]?.count ?? 0
      #expect(fields[0] == grid.timestamp(at: cell).description)
      scores[service, default: []].append(
        fields[2...].map { $0.isEmpty ? .nan : Float($0) ?? .infinity })
    }
    return scores
  }
}

@Suite("A recorded day", .timeLimit(.minutes(20)))
struct RecordedDayTests {
  @Test("Scores of a day with metrics, logs, gaps and restarts are those that evaluation writes")
  func equality() async throws {
    let days = try await RecordedDays()
    // Killed long before the last day and in the midst of it, ended in good order between.
    let ends = [1_003, 3_001, 3_700, RecordedDays.count]
    let signals = [SIGKILL, SIGTERM, SIGKILL, SIGTERM]
    var cell = 0
    var (compared, withLogs, ofLastDay) = (0, 0, 0)
    var rows: [(name: String, rows: FrameRows, gaps: Set<Int>)] = []
    for (end, signal) in zip(ends, signals) {
      let scorer = try await RunningScorer(
        model: "\(days.registry)/shop@champion", state: "\(days.folder.path)/state",
        in: days.folder)
      try await scorer.untilReady()
      if rows.isEmpty { rows = try await columns(of: days, scorer) }
      while cell < end {
        let cells = cell..<min(cell + 60, end)
        var sent: [(service: String, row: TelemetryRow)] = []
        for cell in cells {
          for index in rows.indices {
            guard let row = rows[index].rows.next(), !rows[index].gaps.contains(cell) else {
              continue
            }
            sent.append((rows[index].name, row))
          }
        }
        let answers = try await scorer.score(sent).rows
        try #require(answers.count == sent.count)
        for ((name, row), answer) in zip(sent, answers) {
          let place = Int((row.time - days.dataset.grid.first).milliseconds / 60_000)
          let expected = try #require(days.scores[name])[place]
          #expect(answer.result == "accepted")
          #expect(
            areEqual(answer.scores, expected),
            "\(name), cell \(place): \(answer.scores), not \(expected)")
          compared += 1
          if row.logs?.isEmpty == false { withLogs += 1 }
          if place >= 2 * RecordedDays.day, expected.last?.isNaN == false { ofLastDay += 1 }
        }
        cell = cells.upperBound
      }
      kill(scorer.companion.process.processIdentifier, signal)
      let code = try await scorer.companion.finish()
      if signal == SIGTERM { #expect(code == 0) }
    }
    let missing = RecordedDays.gaps.reduce(0) { sum, gap in
      sum + gap.cells.count * (gap.service == nil ? rows.count : 1)
    }
    #expect(rows.count >= 5)
    #expect(compared == RecordedDays.count * rows.count - missing)
    #expect(withLogs > 1_000)
    #expect(ofLastDay > RecordedDays.day * rows.count - missing - 10)
  }

  /// The rows of every service that the scorer knows, in its columns.
  private func columns(
    of days: RecordedDays, _ scorer: RunningScorer
  ) async throws -> [(name: String, rows: FrameRows, gaps: Set<Int>)] {
    let listing = try await scorer.get("/v1/services").json()
    var columns: [String: [String]] = [:]
    for service in try listing["services"].elements {
      columns[try service["service"].string] = try service["columns"].elements.map {
        try $0.string
      }
    }
    return days.dataset.services.enumerated().compactMap { number, frame in
      columns[frame.service].map { names in
        let gaps = RecordedDays.gaps.filter { $0.service == nil || $0.service == number }
        return (
          name: frame.service,
          rows: FrameRows(frame: frame, grid: days.dataset.grid, columns: names),
          gaps: Set(gaps.flatMap(\.cells))
        )
      }
    }
  }
}
