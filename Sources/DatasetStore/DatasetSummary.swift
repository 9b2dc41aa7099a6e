internal import Storage
public import Telemetry

/// What a snapshot says of itself, without its values; nothing of it is checked against the digest.
public struct DatasetSummary: Hashable, Sendable {
  /// A service by its name.
  public struct Service: Hashable, Sendable {
    /// The service's name.
    public var name: String
    /// How many metric columns it has.
    public var columns: Int
    /// Whether it has logs.
    public var hasLogs: Bool
  }

  /// The content digest in the file, 64 hexadecimal digits.
  public var digest: String
  /// The time axis.
  public var grid: TimeGrid
  /// The services in ascending order.
  public var services: [Service]
  /// How many incidents there are.
  public var incidents: Int
  /// The files it was made from.
  public var sources: [SourceRecord]
  /// What reading found, skipped and changed.
  public var report: IngestReport
  /// How it was made, if that is known.
  public var lineage: DatasetLineage?

  /// Metric columns of all services.
  public var columns: Int { services.reduce(0) { $0 + $1.columns } }
}

extension DatasetFile {
  /// Reads what a snapshot says of itself.
  ///
  /// - Throws: As `read(_:expecting:)`, except for a wrong digest, which only reading all shows.
  public static func summary(of path: String) throws(DatasetStoreError) -> DatasetSummary {
    try withHDF5 { () throws(DatasetStoreError) in
      let reader = try SnapshotReader(openingAt: path)
      try check(reader)
      var services: [DatasetSummary.Service] = []
      for index in 0..<(try reader.memberCount("/services")) {
        let place = place(ofService: index)
        try reader.require(place)
        services.append(
          DatasetSummary.Service(
            name: try reader.text(attribute: "service", of: place),
            columns: try reader.texts("\(place)/columns").count,
            hasLogs: try reader.has("\(place)/logs")))
      }
      return DatasetSummary(
        digest: try reader.text(attribute: "content_digest", of: "/"), grid: try grid(reader),
        services: services, incidents: try reader.integers("/incidents/start_ms").count,
        sources: try decode("/sources", reader) {
          try $0.elements.map { try SourceRecord($0) }
        },
        report: try decode("/report", reader) { try IngestReport($0) },
        lineage: try lineage(reader))
    }
  }

  /// How a file's dataset was made; nil when the file does not say.
  static func lineage(
    _ reader: borrowing SnapshotReader
  ) throws(DatasetStoreError) -> DatasetLineage? {
    guard try reader.has("/lineage") else { return nil }
    return try decode("/lineage", reader) { try DatasetLineage($0) }
  }
}
