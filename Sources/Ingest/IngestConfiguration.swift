public import LogTemplates
internal import Storage
public import Telemetry

/// What to read and how to lay it out on a grid.
public struct IngestConfiguration: Hashable, Sendable {
  /// The distance between grid cells, positive.
  public var interval: TimeSpan
  /// Where the telemetry is, in the order of reading.
  public var sources: [SourceConfiguration]
  /// Where the incidents are.
  public var incidents: [IncidentsSource]
  /// Labels that may name the service of a series or log stream, the most telling first.
  public var serviceLabels: [String]
  /// How named metrics behave, where the name's suffix would mislead; holds for all sources.
  public var kinds: [String: MetricKind]
  /// What is masked in log lines.
  public var logMasks: LogMaskRules
  /// How much to take before giving up.
  public var limits: IngestLimits
  /// How much may be left out before the dataset is refused. It has no limits unless they are set.
  public var defectBudget = DefectBudget()
  /// The folder of a file for samples that have no room in memory. It is made when it is needed, has
  /// no name, and is gone with the process. `TMPDIR` if that is set, else `/var/tmp`.
  public var scratchFolder = ScratchFile.defaultFolder
  /// Cells that begin before this instant are left out.
  public var start: Timestamp?
  /// Cells that end after this instant are left out.
  public var end: Timestamp?

  /// Labels of Prometheus, Loki and Kubernetes that name services.
  public static let defaultServiceLabels = [
    "service", "service_name", "app", "app_kubernetes_io_name", "job", "deployment", "container",
    "pod",
  ]

  /// Makes a configuration.
  public init(
    interval: TimeSpan, sources: [SourceConfiguration], incidents: [IncidentsSource] = [],
    serviceLabels: [String] = IngestConfiguration.defaultServiceLabels,
    kinds: [String: MetricKind] = [:], logMasks: LogMaskRules = LogMaskRules(),
    limits: IngestLimits = IngestLimits(), start: Timestamp? = nil, end: Timestamp? = nil
  ) {
    (self.interval, self.sources, self.incidents) = (interval, sources, incidents)
    (self.serviceLabels, self.kinds, self.limits) = (serviceLabels, kinds, limits)
    (self.logMasks, self.start, self.end) = (logMasks, start, end)
  }
}

/// How much ingest takes before it gives up, and how much memory it does it in.
public struct IngestLimits: Hashable, Sendable {
  /// Bytes of all files together after decompression.
  public var inputBytes = 64 << 30
  /// Bytes of one JSON document after decompression, where it is read as a whole.
  public var documentBytes = 2 << 30
  /// Bytes of a line, or of a record of a table. What is longer is left out and counted.
  public var lineBytes = 16 << 20
  /// Bytes in memory for samples and log lines that were read, beyond which they go to a scratch
  /// file; half as much again is taken for the cells of a few columns at a time.
  ///
  /// Not in this are the names of series, log patterns with their counts and those of their pairs per
  /// cell, JSON documents that are read as a whole, and a dataset that is asked for in memory.
  public var memoryBytes = 256 << 20
  /// Time series.
  public var series = 100_000
  /// Log patterns per service; the lines of further ones are counted under one pattern per severity.
  public var patternsPerService = 20_000
  /// Pairs of log patterns that follow each other, per service; further ones are left out of what
  /// follows what, and counted.
  public var transitionsPerService = 200_000
  /// Grid cells times metric columns.
  public var cells = 500_000_000

  /// The earliest instant that a sample or log line may have; an earlier one is an error, since one
  /// stray instant would stretch the grid of everything. 1990-01-01T00:00:00Z.
  public var earliest = Timestamp(seconds: 631_152_000)
  /// The latest instant that a sample or log line may have. 2100-01-01T00:00:00Z.
  public var latest = Timestamp(seconds: 4_102_444_800)

  /// The defaults: 64 GiB, 2 GiB a document, 16 MiB a line, 256 MiB of memory, 100,000 series, 20,000
  /// patterns and 200,000 pairs of them per service, 500 million cells, and the years 1990 to 2099.
  public init() {}
}
