import Telemetry

/// Datasets to write and read.
enum Samples {
  /// A small dataset with everything in it; the script beside the fixtures makes the same one.
  static var small: Dataset {
    let grid = TimeGrid(first: Timestamp(seconds: 1_700_000_000), interval: .seconds(30), count: 3)
    let api = ServiceFrame(
      service: "api",
      columns: [
        MetricColumn(name: "up", kind: .gauge, labels: ["__name__": "up", "job": "äpi \"1\""]),
        MetricColumn(name: "requests_total{code=\"500\"}", kind: .counter),
      ],
      values: [1, 0.5, .nan, -0.0, 0, .infinity],
      logs: LogActivity(
        patterns: [
          LogPattern(text: "slow query <num> ms", level: .warning),
          LogPattern(text: "", level: .unknown),
        ],
        counts: [.init(row: 0, pattern: 1, lines: 7), .init(row: 2, pattern: 0, lines: 1)],
        recorded: [true, false, true]))
    let odd = ServiceFrame(service: "a/b ☃", columns: [], values: [])
    var report = IngestReport(defects: [
      .init(source: "x.json", reason: "duplicate", effect: .skipped, count: 2, example: "line 3")
    ])
    (report.samples, report.logLines, report.series) = (12, 8, 2)
    (report.missingCells, report.cells) = (1, 6)
    return Dataset(
      grid: grid, services: [odd, api],
      incidents: [
        Incident(
          id: "i1", service: "api", kind: "memory_leak", start: Timestamp(seconds: 1_700_000_010),
          detected: Timestamp(seconds: 1_700_000_020), resolved: Timestamp(seconds: 1_700_000_030)),
        Incident(
          id: "i2", service: nil, kind: "unknown", start: Timestamp(milliseconds: -5),
          resolved: Timestamp(milliseconds: 5), role: .excluded),
      ],
      sources: [
        SourceRecord(
          type: "prometheus", name: "x.json", sha256: String(repeating: "ab", count: 32), bytes: 99)
      ],
      report: report, publishedTestStart: Timestamp(seconds: 1_700_000_030))
  }

  /// The small dataset with what follows what in its logs.
  static var ordered: Dataset {
    var dataset = small
    dataset.services[1].logs?.transitions = [
      .init(row: 0, from: 1, to: 1, lines: 6), .init(row: 2, from: 1, to: 0, lines: 1),
    ]
    return dataset
  }

  /// A dataset of random content.
  ///
  /// - Parameter logs: Whether services have logs; nil for some with and some without.
  static func random(
    seed: UInt64, services: Int, columns: Int, rows: Int, logs: Bool? = nil
  ) -> Dataset {
    var generator = SplitMix(state: seed)
    let frames = (0..<services).map { index in
      let wanted = logs ?? Bool.random(using: &generator)
      return ServiceFrame(
        service: "\(name(&generator))\(index)",
        columns: (0..<columns).map { column in
          MetricColumn(
            name: "\(name(&generator))\(column)",
            kind: .random(&generator), labels: labels(&generator))
        },
        values: (0..<rows * columns).map { _ in
          Int.random(in: 0..<4, using: &generator) == 0
            ? .nan : Double(bitPattern: generator.next())
        },
        logs: wanted ? activity(rows: rows, &generator) : nil)
    }
    return Dataset(
      grid: TimeGrid(
        first: Timestamp(
          milliseconds: .random(in: -1_000_000...2_000_000_000_000, using: &generator)),
        interval: TimeSpan(milliseconds: .random(in: 1...100_000, using: &generator)),
        count: rows),
      services: frames, incidents: incidents(&generator), sources: [],
      report: IngestReport(),
      publishedTestStart: Bool.random(using: &generator)
        ? Timestamp(milliseconds: Int64(truncatingIfNeeded: generator.next())) : nil)
  }

  private static func activity(rows: Int, _ generator: inout SplitMix) -> LogActivity {
    let patterns = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
      LogPattern(text: name(&generator), level: .random(&generator))
    }
    var counts: [LogActivity.Count] = []
    for row in 0..<rows {
      for pattern in patterns.indices where Int.random(in: 0..<8, using: &generator) == 0 {
        counts.append(
          .init(row: row, pattern: pattern, lines: .random(in: 1...1_000_000, using: &generator)))
      }
    }
    let recorded = (0..<rows).map { _ in Bool.random(using: &generator) }
    guard Bool.random(using: &generator) else {
      return LogActivity(patterns: patterns, counts: counts, recorded: recorded)
    }
    let transitions = counts.map { count in
      LogActivity.Transition(
        row: count.row, from: .random(in: patterns.indices, using: &generator), to: count.pattern,
        lines: .random(in: 1...count.lines, using: &generator))
    }
    return LogActivity(
      patterns: patterns, counts: counts, recorded: recorded, transitions: transitions)
  }

  private static func incidents(_ generator: inout SplitMix) -> [Incident] {
    (0..<Int.random(in: 0..<5, using: &generator)).map { index in
      let start = Int64.random(in: -1_000_000...1_000_000, using: &generator)
      return Incident(
        id: "\(name(&generator))\(index)",
        service: Bool.random(using: &generator) ? "s\(name(&generator))s" : nil,
        kind: name(&generator), start: Timestamp(milliseconds: start),
        detected: Bool.random(using: &generator) ? Timestamp(milliseconds: start + 1) : nil,
        resolved: Timestamp(
          milliseconds: start + .random(in: 1...1_000_000_000_000, using: &generator)),
        role: .random(&generator))
    }
  }

  private static func labels(_ generator: inout SplitMix) -> [String: String] {
    var labels: [String: String] = [:]
    for index in 0..<Int.random(in: 0..<4, using: &generator) {
      labels["l\(index)"] = name(&generator)
    }
    return labels
  }

  /// A text that ends in a letter or is empty.
  private static func name(_ generator: inout SplitMix) -> String {
    let alphabet = Array("abc/. \"\\\n\0{}é漢🙂")
    let length = Int.random(in: 0..<12, using: &generator)
    let text = (0..<length).map { _ in alphabet.randomElement(using: &generator) ?? "a" }
    return length == 0 ? "" : String(text) + "z"
  }
}

struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension CaseIterable {
  fileprivate static func random(_ generator: inout SplitMix) -> Self {
    guard let element = allCases.randomElement(using: &generator) else {
      preconditionFailure("no cases")
    }
    return element
  }
}
