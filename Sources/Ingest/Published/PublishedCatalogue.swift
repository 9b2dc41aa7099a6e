/// What the catalogue says of a public dataset.
public struct PublishedDescription: Hashable, Sendable {
  /// What is in it.
  public let what: String
  /// Where it is published.
  public let source: String
  /// The commit of the source that the check sums are of.
  public let commit: String
  /// The licence, and what it asks for.
  public let licence: String
  /// What a row is and where its instant comes from.
  public let rows: String
  /// How to divide it into training and test; what the importer marks as the test part.
  public let split: String
}

extension PublishedDataset {
  /// What the catalogue says of the dataset.
  public var description: PublishedDescription {
    switch self {
    case .asd:
      PublishedDescription(
        what: "12 application servers with 19 metrics each, 45 days, anomalies by domain experts",
        source: "https://github.com/zhhlee/InterFusion",
        commit: "8c85d511c1f070669ba8c5cf097b8fa4a202d15b", licence: "MIT",
        rows: syntheticRows
          + " Upstream's pickled arrays are expected as CSV: train, test, test_label.",
        split: "as published; the last fifth of train for thresholds")
    case .cloudMonitoring:
      PublishedDescription(
        what: "31 series of service and client telemetry in 5 domains, labelled by domain experts",
        source: "https://github.com/microsoft/cloud-monitoring-dataset",
        commit: "6a07a53c2fac495fb6831811df4c980d6c04bd10", licence: "MIT",
        rows: "an hour or a minute; instants without a zone are UTC",
        split: "none published; the first half of the rows is training")
    case .jumpstarter:
      PublishedDescription(
        what: "12 online services with 19 metrics each in raw units, 45 days",
        source: "https://github.com/NetManAIOps/JumpStarter",
        commit: "b77022f1ee0b37decfb848fb1ced4707573c2529", licence: "MIT", rows: syntheticRows,
        split: "as published; the last fifth of train for thresholds; one incident is labelled in "
          + "every service, so services are no independent samples")
    case .logSequences:
      PublishedDescription(
        what: "event sequences of HDFS blocks and of OpenStack instances, labelled per sequence",
        source: "https://github.com/logpai/deep-loglizer (hdfs-100k), "
          + "https://github.com/ait-aecid/anomaly-detection-log-datasets (openstack)",
        commit: "1069a1e0e9b000e1bc9b353fb01d3d451d9a6d5d (hdfs-100k), "
          + "5296693689e855576689ee0b98ea497bf7d8f513 (openstack)",
        licence: "Apache-2.0 (hdfs-100k), GPL-3.0 (openstack)",
        rows: "a session; no times: sessions are a minute apart from 2000-01-01T00:00:00Z on, in "
          + "the order of the files, their events a millisecond apart",
        split: "as published; OpenStack's 50 training sequences are too few, so merge its normal "
          + "ones and split anew")
    case .loghub:
      PublishedDescription(
        what: "2,000 raw lines each of eight systems, with alerts in BGL",
        source: "https://github.com/logpai/loghub",
        commit: "dd61d0952749ee7963bde24220d1be5ede023033",
        licence: "free for research and academic work, with citation",
        rows:
          "an hour, or a minute for Hadoop, OpenStack and Spark; times read as UTC, the year of "
          + "Linux set to 2005",
        split: "none: the samples are thin, for templates and not for rates")
    case .msl:
      PublishedDescription(
        what: "27 telemetry channels of the Mars Science Laboratory with 54 command flags each",
        source: "https://github.com/khundman/telemanom (labels), "
          + "https://github.com/imperial-qore/TranAD (arrays)",
        commit: "2e6c5b6c3558e7835601519b7bdef37c649bdbdc (labels), "
          + "7ffb98d0c18189cc3d9ab732b4cb0278200a0af0 (arrays)",
        licence: "BSD-style, California Institute of Technology",
        rows: syntheticRows + " The true interval is unknown.",
        split: "as published, one model a channel")
    case .nab:
      PublishedDescription(
        what: "58 series of one metric with 116 windows, the Numenta Anomaly Benchmark",
        source: "https://github.com/numenta/NAB",
        commit: "ea702d75cc2258d9d7dd35ca8e5e2539d71f3140", licence: "MIT-style",
        rows: "the commonest step of the series; times without a zone are UTC",
        split: "the first 15 % are not scored by the benchmark and are training")
    case .nezhaTrainTicket:
      PublishedDescription(
        what: "46 pods of TrainTicket and its front end on one day: metrics, logs, 28 faults",
        source: "https://github.com/IntelligentDDS/Nezha",
        commit: "d8140101fdb4e7dfb60d3ef9f64706f382b68470", licence: "MIT",
        rows: "a minute; UTC",
        split: "train on 11:45 to 13:25, score 08:41 to 11:45 and 13:30 to 15:58; leave out what "
          + "comes after 16:00")
    case .prometheusExport:
      PublishedDescription(
        what: "11 series of a production Prometheus over five days, without labels",
        source: "https://github.com/AICoE/prometheus-anomaly-detector",
        commit: "822abeccf33da2459e35cfb38de762ed3a8b6a56", licence: "GPL-3.0",
        rows: "a minute; UTC", split: "none")
    case .smd:
      PublishedDescription(
        what: "10 servers with 38 metrics each, five weeks",
        source: "https://github.com/NetManAIOps/OmniAnomaly",
        commit: "7fb0e0acf89ea49908896bcc9f9e80fcfff6baf4", licence: "MIT", rows: syntheticRows,
        split: "as published, one model a machine; the last quarter of train for thresholds")
    }
  }

  /// How rows without times got theirs.
  private var syntheticRows: String {
    "\(interval(of: "")) a row; no times: the first row's begins at \(SMDReader.epoch), test rows "
      + "follow those of training."
  }
}

extension PublishedDataset {
  /// The catalogue as YAML, as it stands in `datasets/catalog.yaml`.
  public static func catalogue() -> String {
    var text = """
      # Public datasets that `autopilot dataset import` reads. None of them is part of this repository:
      # download one from its source, then name its folder. Written by
      # `autopilot dataset catalog --yaml`.
      #
      # The check sum of a part is the SHA-256 of the lines `<sha256>  <path>` of its files, as sha256sum
      # prints them: uncompressed, paths relative to the dataset's folder and ascending.

      """
    for dataset in allCases {
      let description = dataset.description
      text += """

        - name: \(dataset.rawValue)
          what: "\(description.what)"
          source: "\(description.source)"
          commit: "\(description.commit)"
          licence: "\(description.licence)"
          importer: \(dataset.rawValue)
          rows: "\(description.rows)"
          split: "\(description.split)"
          parts:

        """
      for (part, checksum) in dataset.knownParts {
        text +=
          "    \"\(part)\": {interval: \(dataset.interval(of: part)), sha256: \"\(checksum)\"}\n"
      }
    }
    return text
  }
}
