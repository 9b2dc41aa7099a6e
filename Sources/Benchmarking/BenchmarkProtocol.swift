public import Ingest
public import Pipeline
internal import Telemetry

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
    case .logSequences, .loghub, .nab, .nezhaTrainTicket, .prometheusExport:
      return nil
    }
  }

  /// The datasets that have a protocol.
  public static var datasets: [PublishedDataset] {
    PublishedDataset.allCases.filter { BenchmarkProtocol($0) != nil }
  }
}
