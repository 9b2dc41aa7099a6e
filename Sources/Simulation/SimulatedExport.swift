/// The text that the tools of a real system would have exported.
public struct SimulatedExport: Hashable, Sendable {
  /// The answer of Prometheus to `query_range`, with its envelope: one JSON document.
  public var metrics: [UInt8]
  /// What `logcli query --forward --output=jsonl` prints: one JSON object a line, oldest first.
  public var logs: [UInt8]
  /// The incidents: CSV with the header `id,service,kind,start,detected,resolved`.
  public var incidents: [UInt8]
}
