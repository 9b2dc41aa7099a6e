internal import ArgumentParser
internal import Evaluation
internal import Experiments
internal import Report
internal import Storage

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Say what the difference between two runs is worth.",
    discussion: """
      Draws the incidents of the test again, in blocks and the same ones for both runs, and gives a \
      95 % interval of every difference, B minus A. Both must have judged the same test time, \
      incidents and services.
      """)

  @Argument(help: "A run: its id, its folder, or its evaluation.json.")
  var a: String

  @Argument(help: "Another run.")
  var b: String

  @Option(help: "A detector to compare; may be repeated. By default the ensemble.")
  var detector: [String] = []

  @OptionGroup var store: RunStoreOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let runs = try [a, b].map { try ComparedRun($0) { try store.open() } }
    let comparison = try RunComparison(
      runs[0], runs[1], detectors: detector.isEmpty ? ["ensemble"] : detector)
    common.print(text(comparison), json: json(comparison))
  }

  private func text(_ comparison: RunComparison) -> String {
    var text = "A  \(comparison.first)\nB  \(comparison.second)\n"
    for (name, differences) in comparison.detectors {
      var table = TerminalTable([
        (name.uppercased(), .leftWhole), ("A", .right), ("B", .right), ("B − A", .right),
        ("95 % INTERVAL", .leftWhole), ("B IS", .leftWhole),
      ])
      for row in differences {
        table.add([
          row.metric, fixed(row.first, 4), fixed(row.second, 4), fixed(row.difference, 4),
          row.interval.map { "\(fixed($0.low, 4)) to \(fixed($0.high, 4))" } ?? absent,
          row.verdict.rawValue,
        ])
      }
      text += "\n" + table.text(width: 120)
    }
    if comparison.detectors.allSatisfy({ $1.allSatisfy { $0.interval == nil } }) {
      text +=
        "\nnote      \(counted(comparison.incidents, "incident")): fewer than five blocks of them "
        + "give no interval\n"
    }
    return text
  }

  private func json(_ comparison: RunComparison) -> JSONValue {
    [
      "a": .string(comparison.first), "b": .string(comparison.second),
      "incidents": .integer(comparison.incidents),
      "detectors": .array(
        comparison.detectors.map { name, differences in
          [
            "name": .string(name), "metrics": .array(differences.map { $0.json }),
          ]
        }),
    ]
  }
}

extension PairedDifference {
  fileprivate var json: JSONValue {
    [
      "metric": .string(metric), "lower_is_better": .bool(isLowerBetter),
      "a": first.map(JSONValue.number) ?? .null, "b": second.map(JSONValue.number) ?? .null,
      "difference": difference.map(JSONValue.number) ?? .null,
      "interval": interval.map { ["low": .number($0.low), "high": .number($0.high)] } ?? .null,
      "verdict": .string(verdict == .unknown ? "cannot_tell" : verdict.rawValue),
    ]
  }
}
