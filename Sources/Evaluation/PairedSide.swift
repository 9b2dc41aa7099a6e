internal import DetectionMetrics
internal import Telemetry

/// One detector's figures, whole and on incidents drawn again.
struct PairedSide {
  /// The figures that are compared.
  static let metrics: [(name: String, isLowerBetter: Bool)] = [
    ("vus_pr", false), ("average_precision", false), ("recall", false), ("precision", false),
    ("event_f1", false), ("false_alarms_per_service_day", true),
  ]

  /// What the events of one block, or of several, add up to.
  private struct Tally {
    var (incidents, found, hits, falseAlarms, quietDays) = (0.0, 0.0, 0.0, 0.0, 0.0)

    mutating func add(_ other: Tally, times count: Double) {
      incidents += count * other.incidents
      found += count * other.found
      hits += count * other.hits
      falseAlarms += count * other.falseAlarms
      quietDays += count * other.quietDays
    }

    var recall: Double { incidents > 0 ? found / incidents : .nan }
    var precision: Double { hits + falseAlarms > 0 ? hits / (hits + falseAlarms) : .nan }
    /// 0 where nothing was found, as in `EventResult.f1`.
    var eventF1: Double {
      guard incidents > 0 else { return .nan }
      guard found > 0, hits > 0 else { return 0 }
      return 2 * precision * recall / (precision + recall)
    }
    var falseAlarmRate: Double { quietDays > 0 ? falseAlarms / quietDays : .nan }

    func figure(_ name: String) -> Double {
      switch name {
      case "recall": recall
      case "precision": precision
      case "event_f1": eventF1
      default: falseAlarmRate
      }
    }
  }

  /// The cells of a service that a volume is computed over, with their blocks.
  private struct Series {
    var scores: [Double] = []
    var labels: [Bool] = []
    /// Where each block's cells lie.
    var blocks: [Range<Int>]
  }

  private let tallies: [Tally]
  private let draws: [[Double]]
  private let series: [Series]
  private let window: Int
  private let precision: Double?
  private let precisions: [Double]

  init(
    _ detector: DetectorScores, marks: CellMarks, plan: EvaluationPlan, bootstrap: BlockBootstrap?
  ) {
    // Without blocks everything is one, and nothing is drawn.
    let blocks = bootstrap?.blocks ?? marks.services[0].map { $0.isTest ? 0 : -1 }
    draws = bootstrap?.draws ?? []
    window = plan.vusWindow
    let count = bootstrap?.draws.first?.count ?? 1
    tallies = Self.tallies(detector, marks: marks, plan: plan, blocks: blocks, count: count)
    series = zip(detector.services, marks.services).map {
      Self.series($0.scores, $1, blocks: blocks, count: count)
    }
    precision = judge(detector, marks: marks, plan: plan).ranking.averagePrecision
    precisions = bootstrap?.averagePrecisions(detector, marks: marks) ?? []
  }

  /// The figure over all incidents; nil where it means nothing.
  func figure(_ name: String) -> Double? {
    let value: Double
    switch name {
    case "average_precision": return precision
    case "vus_pr": value = volume(drawn: nil)
    default:
      var total = Tally()
      for tally in tallies { total.add(tally, times: 1) }
      value = total.figure(name)
    }
    return value.isNaN ? nil : value
  }

  /// The figure of each repetition; NaN where it means nothing.
  func repeated(_ name: String) -> [Double] {
    switch name {
    case "average_precision": return precisions
    case "vus_pr": return draws.map { volume(drawn: $0) }
    default:
      return draws.map { drawn in
        var total = Tally()
        for (tally, count) in zip(tallies, drawn) where count > 0 {
          total.add(tally, times: count)
        }
        return total.figure(name)
      }
    }
  }

  private static func tallies(
    _ detector: DetectorScores, marks: CellMarks, plan: EvaluationPlan, blocks: [Int32], count: Int
  ) -> [Tally] {
    var tallies = [Tally](repeating: Tally(), count: count)
    let day = plan.grid.interval.seconds / 86_400
    for (service, marks) in zip(detector.services, marks.services) {
      for (cell, mark) in marks.enumerated() where mark.isQuiet && !service.scores[cell].isNaN {
        tallies[Int(blocks[cell])].quietDays += day
      }
      for notification in notifications(service.scores, marks, longest: plan.notificationCells) {
        let block = Int(blocks[notification.start])
        if notification.isHit { tallies[block].hits += 1 }
        if notification.isFalse { tallies[block].falseAlarms += 1 }
      }
    }
    for incident in marks.incidents {
      let block = incident.window.first.map { Int(blocks[$0.lowerBound]) } ?? 0
      tallies[block].incidents += 1
      let isFound = incident.services.contains { service in
        incident.window.joined().contains {
          detector.services[service].scores[$0] >= alertBoundary
        }
      }
      if isFound { tallies[block].found += 1 }
    }
    return tallies
  }

  /// The cells that `SeriesQuality` looks at.
  private static func series(
    _ scores: [Float], _ marks: [CellMark], blocks: [Int32], count: Int
  ) -> Series {
    var series = Series(blocks: Array(repeating: 0..<0, count: count))
    for (cell, mark) in marks.enumerated() where mark.isRanked || mark.contains([.test, .window]) {
      let (block, place) = (Int(blocks[cell]), series.scores.count)
      // Cells of one block follow each other.
      let start = series.blocks[block].isEmpty ? place : series.blocks[block].lowerBound
      series.blocks[block] = start..<place + 1
      series.scores.append(scores[cell].isNaN ? 0 : Double(scores[cell]))
      series.labels.append(mark.contains(.positive))
    }
    return series
  }

  /// The mean volume over services with an incident among the blocks drawn; NaN without any.
  private func volume(drawn: [Double]?) -> Double {
    var volumes: [Double] = []
    for series in series where series.labels.contains(true) {
      var (scores, labels) = (series.scores, series.labels)
      if let drawn {
        (scores, labels) = ([], [])
        for (range, count) in zip(series.blocks, drawn) {
          for _ in 0..<Int(count) {
            scores += series.scores[range]
            labels += series.labels[range]
          }
        }
      }
      guard labels.contains(true) else { continue }
      do {
        let scored = try ScoredSeries(scores: scores, labels: labels)
        guard let volume = try scored.volumeUnderSurface(window: window) else { continue }
        volumes.append(volume.precisionRecall)
      } catch {
        preconditionFailure("scores and plan were checked before: \(error)")
      }
    }
    return volumes.isEmpty ? .nan : volumes.reduce(0, +) / Double(volumes.count)
  }
}
