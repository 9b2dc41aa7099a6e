internal import Ingest
internal import LinearAlgebra
public import Storage

/// One series of a benchmark and what each detector achieved on it.
public struct BenchmarkSeries: Hashable, Sendable {
  /// The part, and the service where a part has several.
  public var name: String
  /// Test cells.
  public var cells: Int
  /// Test cells in incidents.
  public var positiveCells: Int
  /// Figures by detector; empty without an incident in the test time.
  public var figures: [String: SeriesFigures]
  /// The detectors in their order.
  public var detectors: [String]
  /// Seconds that fitting all of them took.
  public var seconds: Double
}

/// A part that could not be used.
public struct SkippedPart: Hashable, Sendable {
  /// The part.
  public var part: String
  /// What is wrong with it.
  public var reason: String
}

/// What every detector achieved on a dataset: means over its series.
public struct BenchmarkResult: Hashable, Sendable {
  /// A mean over series, and how far it would move with other series.
  public struct Mean: Hashable, Sendable {
    /// The mean over the series that have the figure.
    public var value: Double
    /// The 2.5th and 97.5th percentile over series drawn with replacement.
    public var low: Double, high: Double
  }

  /// The protocol's dataset.
  public let dataset: String
  /// The split in words.
  public let split: String
  /// Cells of the widest buffer in VUS.
  public let vusWindow: Int
  /// Cells of the longest notification.
  public let longestNotification: Int
  /// All series in the order of their parts.
  public let series: [BenchmarkSeries]
  /// Parts that are in no figure.
  public let skipped: [SkippedPart]
  /// What a detector of logs finds beside those of metrics, for a dataset with both.
  public let logs: LogComparison?

  init(
    rules: BenchmarkProtocol, series: [BenchmarkSeries], skipped: [SkippedPart],
    logs: LogComparison? = nil
  ) {
    self.logs = logs
    dataset = rules.dataset.rawValue
    (split, vusWindow) = (rules.splitText, rules.vusWindow)
    (longestNotification, self.series) = (rules.longestNotification, series)
    self.skipped = skipped
  }

  /// Series with an incident: the ones that means are taken over.
  public var judged: [BenchmarkSeries] { series.filter { !$0.figures.isEmpty } }

  /// The detectors that any series has, in order.
  public var detectors: [String] {
    var names: [String] = []
    for name in series.flatMap(\.detectors) where !names.contains(name) { names.append(name) }
    return names
  }

  /// The mean of a figure by its place in `SeriesFigures.names`; nil when no series has it.
  ///
  /// A detector that a series lacks counts there with 0: a mean over the easier series only would
  /// flatter it.
  func mean(_ detector: String, _ figure: Int) -> Mean? {
    let values = judged.compactMap { series -> Double? in
      guard let figures = series.figures[detector] else { return 0 }
      return figures.values[figure]
    }
    guard !values.isEmpty else { return nil }
    let repetitions = (0..<1000).map { repetition in
      var generator = Philox(seed: 0, purpose: "series", index: repetition)
      let sum = values.indices.reduce(0.0) { sum, _ in
        sum + values[generator.index(below: values.count)]
      }
      return sum / Double(values.count)
    }.sorted()
    return Mean(
      value: values.reduce(0, +) / Double(values.count),
      low: quantile(ofSorted: repetitions, 0.025), high: quantile(ofSorted: repetitions, 0.975))
  }
}

extension BenchmarkResult {
  /// The result as a document: the protocol, means with intervals, and every series.
  public func json() -> JSONValue {
    var members: [String: JSONValue] = [
      "format": "autopilotops.benchmark/1",
      "dataset": .string(dataset),
      "protocol": [
        "split": .string(split), "vus_window": .integer(vusWindow),
        "longest_notification": .integer(longestNotification),
      ],
      "detectors": .array(
        detectors.map { name in
          var figures: [String: JSONValue] = [:]
          for (index, figure) in SeriesFigures.names.enumerated() {
            guard let mean = mean(name, index) else { continue }
            figures[figure] = [
              "mean": .number(mean.value), "low": .number(mean.low), "high": .number(mean.high),
            ]
          }
          return ["name": .string(name), "means": .object(figures)]
        }),
      "skipped": .array(
        skipped.map { ["part": .string($0.part), "reason": .string($0.reason)] }),
      "series": .array(
        series.map { series in
          [
            "name": .string(series.name), "cells": .integer(series.cells),
            "positive_cells": .integer(series.positiveCells),
            "fit_seconds": .number(series.seconds),
            "detectors": .object(
              series.figures.mapValues { figures in
                .object(
                  Dictionary(
                    zip(SeriesFigures.names, figures.values).map { name, value in
                      (name, value.map(JSONValue.number) ?? .null)
                    }, uniquingKeysWith: { first, _ in first }))
              }),
          ]
        }),
    ]
    members["logs"] = logs?.json()
    return .object(members)
  }

  /// The means as rows of text, the best VUS-PR first, each row a detector.
  public func rows() -> [[String]] {
    func text(_ mean: Mean?) -> String { mean.map { decimals($0.value) } ?? "–" }
    let named = detectors.map { name in (name, (0..<9).map { mean(name, $0) }) }
    return named.sorted { ($0.1[1]?.value ?? 0) > ($1.1[1]?.value ?? 0) }.map { name, means in
      let interval = means[1].map { "\(decimals($0.low))–\(decimals($0.high))" } ?? "–"
      return [name, text(means[1]), interval, text(means[0]), text(means[2]), text(means[3])]
        + [text(means[5]), text(means[4]), text(means[6]), text(means[7])]
    }
  }

  /// The headings of `rows()`.
  public static let headings = [
    "detector", "VUS-PR", "95 %", "AUC-PR", "AUC-ROC", "affiliation F1", "event F1 (oracle)",
    "event F1", "recall at 1 %", "recall at 5 %",
  ]

  /// The means as a table in Markdown.
  public func markdown() -> String {
    let positive = judged.reduce(0) { $0 + $1.positiveCells }
    return """
      \(judged.count) of \(series.count) series have an incident in the test time; \
      \(positive) of their \(judged.reduce(0) { $0 + $1.cells }) test cells are in one. \
      Split: \(split). VUS window \(vusWindow) cells, notifications of at most \
      \(longestNotification) cells.\
      \(skipped.isEmpty ? "" : " Without \(skipped.map(\.part).joined(separator: ", ")): too little data.")

      | \(Self.headings.joined(separator: " | ")) |
      | --- |\(String(repeating: " --: |", count: Self.headings.count - 1))
      \(rows().map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n"))
      \(logs.map { "\n\($0.markdown())" } ?? "")
      """
  }
}

/// Three decimals, or another number of them from 1 on.
func decimals(_ value: Double, places: Int = 3) -> String {
  let power = (0..<places).reduce(1.0) { power, _ in power * 10 }
  let parts = Int((value * power).rounded())
  let digits = String(abs(parts))
  let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
  return "\(parts < 0 ? "−" : "")\(padded.dropLast(places)).\(padded.suffix(places))"
}
