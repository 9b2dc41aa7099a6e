internal import Ingest
internal import DetectionMetrics
public import Storage

extension NABResult {
  /// The headings of `table()`.
  public static let headings = [
    "detector", "standard", "low FP", "low FN", "fixed: standard", "low FP", "low FN",
    "windows found", "false alarms", "even half", "odd half",
  ]

  /// A row of text per detector.
  public func table() -> [[String]] {
    rows.map { row in
      [row.detector] + row.profiles.map { oneDecimal($0.optimised) }
        + row.profiles.map { oneDecimal($0.fixed) } + ["\(row.found)", "\(row.falseAlarms)"]
        + [oneDecimal(row.evenHalf), oneDecimal(row.oddHalf)]
    }
  }

  /// The table in Markdown.
  public func markdown() -> String {
    """
    \(series.count) series, \(points) rows, \(windows) windows.

    | \(Self.headings.joined(separator: " | ")) |
    | --- |\(String(repeating: " --: |", count: Self.headings.count - 1))
    \(table().map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n"))

    """
  }

  /// The result as a document.
  public func json() -> JSONValue {
    [
      "format": "autopilotops.nab/1",
      "series": .integer(series.count), "rows": .integer(points), "windows": .integer(windows),
      "detectors": .array(
        rows.map { row in
          [
            "name": .string(row.detector),
            "profiles": .object(
              Dictionary(
                zip(Self.profiles, row.profiles).map { name, figures in
                  (
                    name,
                    [
                      "fixed": .number(figures.fixed), "optimised": .number(figures.optimised),
                      "threshold": figures.threshold.map(JSONValue.number) ?? .null,
                    ]
                  )
                }, uniquingKeysWith: { first, _ in first })),
            "windows_found": .integer(row.found), "false_alarms": .integer(row.falseAlarms),
            "even_half": .number(row.evenHalf), "odd_half": .number(row.oddHalf),
          ]
        }),
    ]
  }

  /// The detectors' results as the benchmark keeps its own, by path: `results/<detector>/<category>/
  /// <detector>_<file>.csv` and `config/thresholds.json`.
  ///
  /// The benchmark wants scores from 0 to 1, so s is written as s / (1 + s): alarms begin at 0.5.
  public func files() -> [(path: String, bytes: [UInt8])] {
    var files: [(path: String, bytes: [UInt8])] = []
    for (place, row) in rows.enumerated() {
      for one in series {
        let labels = one.windows.labels
        var text = "timestamp,value,anomaly_score,label\n"
        for index in one.series.values.indices {
          text += "\(one.series.timestamps[index]),\(one.series.values[index]),"
          text += "\(unit(one.scores[place][index])),\(labels[index] ? 1 : 0)\n"
        }
        let parts = one.series.part.split(separator: "/")
        let path =
          "results/\(row.detector)/\(parts.dropLast().joined(separator: "/"))/"
          + "\(row.detector)_\(parts.last ?? "").csv"
        files.append((path, Array(text.utf8)))
      }
    }
    let thresholds = JSONValue.object(
      Dictionary(
        rows.map { row in
          (
            row.detector,
            .object(
              Dictionary(
                zip(Self.profiles, row.profiles).map { name, figures in
                  (
                    name,
                    [
                      "score": .number(figures.raw),
                      "threshold": .number(figures.threshold.map(unit) ?? 1.1),
                    ]
                  )
                }, uniquingKeysWith: { first, _ in first }))
          )
        }, uniquingKeysWith: { first, _ in first }))
    files.append(("config/thresholds.json", Array(thresholds.text(indented: true).utf8)))
    return files
  }
}

private func unit(_ score: Double) -> Double { score / (1 + score) }

/// One decimal.
private func oneDecimal(_ value: Double) -> String {
  let tenths = Int((abs(value) * 10).rounded())
  return "\(value < 0 && tenths > 0 ? "−" : "")\(tenths / 10).\(tenths % 10)"
}
