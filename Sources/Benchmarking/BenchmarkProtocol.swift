public import Ingest
public import Pipeline
public import Telemetry

/// How a public dataset is used to compare detectors: fixed before any result was seen.
public struct BenchmarkProtocol: Sendable {
  /// The dataset.
  public var dataset: PublishedDataset
  /// What is fitted, what fixes thresholds, what is tested.
  public var split: SplitPlan
  /// Cells of the widest buffer around incidents in VUS.
  public var vusWindow: Int
  /// Cells of the longest notification.
  public var longestNotification: Int
  /// The split in words.
  public var splitText: String
  /// Whether all services together are one series: a cell's score is the greatest of any service's,
  /// and an incident of any service is the system's.
  public var judgesSystem = false
  /// Cells after an incident's end that count as its own: rates tell of the time before them.
  public var toleranceAfter = 0
  /// The time whose logs a detector of logs learns from; nil for a dataset without.
  public var logTraining: TimeRange?

  /// The protocol of a dataset that has one.
  ///
  /// - Returns: Nil for a dataset without labelled series of metrics.
  public init?(_ dataset: PublishedDataset) {
    self.dataset = dataset
    longestNotification = 100
    switch dataset {
    case .asd, .msl, .smd:
      split = .published(calibration: 0.3)
      vusWindow = 100
      splitText = "as published; the last 30 % of training fix thresholds"
    case .jumpstarter:
      split = .published(calibration: 0.2)
      vusWindow = 100
      splitText = "as published; the last 20 % of training fix thresholds"
    case .cloudMonitoring:
      split = .fractions(train: 0.2, calibration: 0.1)
      (vusWindow, longestNotification) = (24, 24)
      splitText = "the first 20 % of the rows train, the next 10 % fix thresholds"
    case .nezhaTrainTicket:
      func range(_ from: String, _ to: String) -> TimeRange? {
        guard let start = Timestamp(rfc3339: "2023-01-29T\(from):00Z"),
          let end = Timestamp(rfc3339: "2023-01-29T\(to):00Z")
        else { return nil }
        return TimeRange(start: start, end: end)
      }
      guard let train = range("11:45", "12:50"), let calibration = range("12:50", "13:28"),
        let before = range("08:41", "11:44"), let after = range("13:29", "15:58"),
        // The published recording without a fault: three cells, which end from 08:49 to 08:51.
        let faultFree = range("08:49", "08:52")
      else { return nil }
      split = .ranges(train: [train], calibration: [calibration], test: [before, after])
      (vusWindow, longestNotification) = (6, 10)
      (judgesSystem, toleranceAfter, logTraining) = (true, 2, faultFree)
      splitText =
        "11:45 to 12:50 trains, the time to 13:28 fixes thresholds, 08:41 to 11:44 and 13:29 to "
        + "15:58 is the test; all services are one series, an incident ends two cells later"
    case .logSequences, .loghub, .nab, .prometheusExport:
      return nil
    }
  }

  /// The datasets that have a protocol.
  public static var datasets: [PublishedDataset] {
    PublishedDataset.allCases.filter { BenchmarkProtocol($0) != nil }
  }
}
