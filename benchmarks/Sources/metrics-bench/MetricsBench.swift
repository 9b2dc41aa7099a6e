internal import BenchmarkProcess
internal import Foundation
internal import DetectionMetrics

/// Measures scores and labels, one repetition of one metric per line on standard input.
///
///     metrics-bench FILE
///
/// FILE holds the scores as little-endian 64-bit floats, then a byte per point, 1 inside an
/// incident. The commands, each answered by a JSON line with CPU and wall seconds and the value:
///
/// | command | work |
/// | --- | --- |
/// | `ap`, `roc` | area under the precision-recall or the ROC curve |
/// | `vus WINDOW` | VUS-PR with 250 thresholds |
/// | `pate BUFFER` | PATE with 250 thresholds and both zones of that length |
/// | `affiliation`, `ranges` | F1 of alarms at the tenth of points with the highest scores |
///
/// Each of them begins with plain arrays: checking, sorting and finding ranges are part of it.
@main
struct MetricsBench {
  static func main() throws {
    guard CommandLine.arguments.count == 2 else { fail("usage: metrics-bench FILE") }
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: CommandLine.arguments[1])))
    let count = bytes.count / 9
    let scores = (0..<count).map { point in
      Double(
        bitPattern: (0..<8).reduce(0) { $0 | UInt64(bytes[point * 8 + $1]) << UInt64(8 * $1) })
    }
    let labels = (0..<count).map { bytes[count * 8 + $0] == 1 }
    let threshold = scores.sorted()[count * 9 / 10]
    let alarms = scores.map { $0 >= threshold }
    while let line = readLine() {
      let words = line.split(separator: " ")
      let number = words.count > 1 ? Int(words[1]) ?? 0 : 0
      let start = Clocks.now
      guard let value = try measure(words.first ?? "", number, scores, labels, alarms) else {
        fail("no value for '\(line)'")
      }
      let spent = Clocks.now - start
      print("{\"cpu\": \(spent.cpu), \"wall\": \(spent.wall), \"value\": \(value)}")
      flushOutput()
    }
  }

  private static func measure(
    _ command: Substring, _ number: Int, _ scores: [Double], _ labels: [Bool], _ alarms: [Bool]
  ) throws -> Double? {
    func series() throws -> ScoredSeries { try ScoredSeries(scores: scores, labels: labels) }
    switch command {
    case "ap": return try series().averagePrecision
    case "roc": return try series().rocArea
    case "vus": return try series().volumeUnderSurface(window: number)?.precisionRecall
    case "pate": return try series().proximityAwareArea(early: number, late: number)
    case "affiliation":
      return try affiliation(alarms: EventRanges(alarms), incidents: EventRanges(labels))?.f1
    case "ranges":
      let reward = try RangeReward()
      return try rangePrecisionRecall(
        alarms: EventRanges(alarms), incidents: EventRanges(labels), precision: reward,
        recall: reward
      ).f1
    default: fail("unknown command '\(command)'")
    }
  }
}
