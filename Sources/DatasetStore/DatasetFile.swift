public import Telemetry

/// A dataset as one HDF5 file that any HDF5 reader opens.
///
/// Times are milliseconds since the Unix epoch, texts are UTF-8 of fixed width filled up with
/// zeros, T is the number of grid cells.
///
///     /                        attributes format = "autopilotops-dataset", or for features
///                              "autopilotops-features", schema_version, content_digest, first_ms,
///                              interval_ms and, where a published dataset says so,
///                              published_test_start_ms
///     /time                    int64 [T], the end of each cell; attribute unit
///     /services/0000           one group per service in ascending order; attribute service
///       metrics                float64 [T × C], NaN is missing; chunks of one column
///       columns, kinds, labels text [C]: names, gauge or counter, JSON objects
///       logs                   only for services with logs
///         patterns, levels     text [P], uint8 [P]: 0 unknown, 1 debug, 2 info, 3 warning, 4 error
///         row, pattern, lines  int64 [N]: `lines` lines of `pattern` in cell `row`
///         recorded             uint8 [T]: 0 where logs are missing, not silent
///         transitions          only where the order of lines is known, in version 2
///           row, from, to, lines int64 [M]: in cell `row`, `lines` lines of the pattern `to` came
///                              right after one of `from` in their streams
///     /incidents               one row per incident in these arrays:
///       id, service, kind      text; an empty service stands for the whole system
///       start_ms, resolved_ms  int64
///       detected_ms            int64; the least one (-2^63) where it is unknown
///       role                   text: incident or excluded
///     /report, /sources        text, JSON: what ingest found, and the files it read
///     /lineage                 text, JSON, where it is known: program version and configuration;
///                              the content digest leaves it out
///
/// Arrays are shuffled and deflated. Equal datasets give equal bytes under one version of HDF5 and
/// zlib, and the same content digest under all.
public enum DatasetFile {
  /// What the columns of a file are; the raw value is what its attribute `format` says.
  public enum Content: String, Sendable {
    /// Measurements, which every stage reads.
    case telemetry = "autopilotops-dataset"
    /// Features computed from measurements, for other programs.
    case features = "autopilotops-features"
  }

  /// The latest version of the layout that this program writes and reads. It reads all from 1 on, and
  /// writes the first that holds the content, so that earlier programs read what they can.
  public static let schemaVersion: Int64 = 2
  /// The version without transitions between log patterns.
  static let versionWithoutOrder: Int64 = 1
  /// Stands for an unknown instant.
  static let unknownTime = Int64.min

  /// Writes a dataset so that the path holds either all of the old file or all of the new one.
  ///
  /// The file is made in memory first, in addition to the dataset.
  ///
  /// - Throws: `DatasetStoreError.storage` as `FileSystem.writeFileAtomically(_:to:)`; `.unstorable`
  ///   for a text that ends with U+0000 or an incident whose service is named by an empty text;
  ///   `.cannotWrite` when HDF5 fails.
  /// - Precondition: Every service has `grid.count` rows, and log counts lie within the grid and the
  ///   patterns.
  public static func write(
    _ dataset: Dataset, to path: String, content: Content = .telemetry
  ) throws(DatasetStoreError) {
    try write(dataset, to: path, as: content)
  }

  /// The group of a service by its index.
  static func place(ofService index: Int) -> String {
    let digits = String(index)
    return "/services/" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
