import Evaluation
import Report
import Telemetry

/// SplitMix64 (Steele, Lea and Flood 2014), for scenes that are the same on every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Positive, with a long tail.
  mutating func tailed(_ scale: Float) -> Float {
    let u = Float(next() >> 40) * 0x1p-24
    return scale * u / (1.08 - u)
  }
}

/// A system that was trained, calibrated and tested, made up from a seed.
struct Scene {
  var services: [String]
  var cells: Int
  var interval = TimeSpan.minutes(1)
  var incidents: [Incident] = []
  var seed: UInt64 = 1

  private let origin = Timestamp(seconds: 1_790_000_040)

  init(services: [String], cells: Int) { (self.services, self.cells) = (services, cells) }

  var grid: TimeGrid { TimeGrid(first: origin, interval: interval, count: cells) }

  func time(_ cell: Int) -> Timestamp { grid.timestamp(at: cell) - interval }

  mutating func add(
    _ id: String, _ service: String?, _ kind: String, _ range: Range<Int>,
    role: Incident.Role = .incident
  ) {
    incidents.append(
      Incident(
        id: id, service: service, kind: kind, start: time(range.lowerBound),
        resolved: time(range.upperBound), role: role))
  }

  private func part(_ from: Double, _ to: Double) -> TimeRange {
    TimeRange(
      start: time(Int(from * Double(cells))), end: time(Int(to * Double(cells))))
  }

  var splits: [ReportContent.Split] {
    [
      .init(name: "train", ranges: [part(0, 0.4)]),
      .init(name: "calibration", ranges: [part(0.4, 0.55)]),
      .init(name: "test", ranges: [part(0.55, 1)]),
    ]
  }

  /// Scores that rise with incidents, every third of which is hard to see, and with a false spike
  /// now and then; uniform ones for a strength of 0. The first fiftieth has none.
  func scores(strength: Float) -> [ServiceScores] {
    var random = SplitMix(state: seed)
    return services.map { service in
      guard strength > 0 else {
        return ServiceScores(
          service: service, scores: (0..<cells).map { _ in random.tailed(1) / 10 })
      }
      var level: Float = 0.2
      var scores = (0..<cells).map { _ in
        level = 0.8 * level + 0.2 * random.tailed(0.12)
        return level
      }
      for (index, incident) in incidents.enumerated() where incident.concerns(service) {
        let height = index % 3 == 0 ? 0.1 : strength * Float(index + 1)
        for cell in grid.indices(touching: incident.start + interval * 2, incident.resolved) {
          scores[cell] += height * (0.6 + random.tailed(0.1))
        }
      }
      for _ in 0..<2 where strength > 0 {
        let cell = Int(random.next() % UInt64(cells - 4))
        for offset in 0..<4 { scores[cell + offset] += 1.2 / strength + 0.5 }
      }
      for cell in 0..<cells / 50 { scores[cell] = .nan }
      return ServiceScores(service: service, scores: scores)
    }
  }

  func evaluation(names: [String] = ["forest + LSTM", "moving z", "random"]) throws
    -> EvaluationResult
  {
    try judged(names: names).result
  }

  /// An evaluation and what lies behind it.
  func judged(
    names: [String] = ["forest + LSTM", "moving z", "random"]
  ) throws -> (result: EvaluationResult, detail: EvaluationDetail) {
    let seal = try ThresholdSeal(
      boundaries: names.map { .init(detector: $0, value: 1) },
      seen: splits.prefix(2).flatMap(\.ranges), digest: String(repeating: "5ea1ed", count: 10))
    let plan = EvaluationPlan(
      grid: grid, test: splits[2].ranges, toleranceBefore: interval * 2,
      toleranceAfter: interval * 2, renotify: interval * 30)
    let detectors = names.enumerated().map { index, name in
      DetectorScores(name: name, services: scores(strength: [4, 0.4, 0][min(index, 2)]))
    }
    let labels = SealedLabels(incidents).open(with: seal)
    let result = try evaluate(detectors, against: labels, plan: plan)
    return (
      result,
      EvaluationDetail(
        of: result, detectors, against: labels, calibration: splits[1].ranges, primary: names[0])
    )
  }

  /// Findings with a story for each incident; every text is made by `text` from a number.
  func findings(
    names: [String] = ["forest + LSTM", "moving z", "random"],
    text: (Int) -> String = { "cpu_seconds_\($0) = 0.97, expected 0.21 to 0.55" }
  ) throws -> ReportFindings {
    let (result, detail) = try judged(names: names)
    let stories = result.rows[0].outcomes.enumerated().map { index, outcome in
      IncidentStory(
        incident: outcome.incident, service: outcome.foundBy ?? services[0],
        time: outcome.found ?? splits[2].ranges[0].end, signal: text(1),
        voices: [
          .init(detector: text(2), score: 3.2, causes: [text(3), text(4)]),
          .init(detector: text(5), score: 0.4, causes: [text(6)]),
        ],
        logs: index % 2 == 0
          ? [
            .init(text: text(7), level: "error", lines: 40, usual: 0),
            .init(text: text(8), level: "info", lines: 2, usual: 61.4),
          ] : [])
    }
    return ReportFindings(
      detail: detail, stories: stories,
      falseAlarms: [
        FalseAlarmGroup(
          service: services[0], signal: text(9), count: 3, strongest: time(cells - 9), peak: 2.5,
          cause: text(10))
      ],
      drift: [
        DriftRow(
          service: services[0], metric: text(11), stabilityIndex: 0.61, kolmogorovSmirnov: 0.4,
          missingBefore: 0, missingNow: 0.02),
        DriftRow(
          service: services[0], metric: text(12), stabilityIndex: 0.02, kolmogorovSmirnov: 0.05,
          missingBefore: 0, missingNow: 0),
      ])
  }

  func content(title: String = "checkout platform") throws -> ReportContent {
    var ingest = IngestReport()
    (ingest.samples, ingest.series, ingest.logLines) = (1_284_112, 214, 88_120)
    (ingest.cells, ingest.missingCells) = (98_000, 412)
    ingest.note(
      "duplicate_timestamp", .skipped, in: "node.json", count: 18, example: "series 12, 08:14:00Z")
    ingest.note("counter_reset", .changed, in: "node.json", count: 4, example: "series 3, line 88")
    return ReportContent(
      title: title, evaluation: try evaluation(),
      timelines: scores(strength: 4).map { .init(service: $0.service, scores: $0.scores) },
      splits: splits, incidents: incidents, ingest: ingest,
      facts: [
        .init(key: "dataset", value: "sha256:" + String(repeating: "0f3a", count: 16)),
        .init(key: "seed", value: "42"),
      ], findings: try findings())
  }

  /// Six services with incidents of every outcome.
  static var everyday: Scene {
    var scene = Scene(
      services: ["cart", "checkout", "ingress", "payments", "recommendation", "user-db"],
      cells: 2880)
    scene.add("INC-0991", "cart", "deploy", 400..<430)
    scene.add("INC-1007", "checkout", "latency", 1700..<1745)
    scene.add("INC-1008", "payments", "memory_leak", 1900..<2080)
    scene.add("INC-1009", "checkout", "error_burst", 2150..<2156)
    scene.add("INC-1010", nil, "network_partition", 2300..<2330)
    scene.add("INC-1011", "ingress", "load_test", 2450..<2520, role: .excluded)
    scene.add("INC-1012", "user-db", "disk_full", 2600..<2660)
    scene.add("INC-1013", "cart", "latency", 2700..<2712)
    return scene
  }
}
