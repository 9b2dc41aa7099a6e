internal import Storage
public import Telemetry

extension Dataset {
  /// SHA-256 of everything the dataset says, 64 hexadecimal digits.
  ///
  /// Covers the logical content alone: framed canonical JSON for names and descriptions, framed
  /// little-endian bytes for numbers, NaN by its bits. It does not depend on the version of HDF5,
  /// on compression, on the machine or on the time, nor on whether the columns are features.
  public var contentDigest: String {
    var digest = ContentDigest()
    do { try write(to: &digest) } catch { preconditionFailure("a digest cannot fail: \(error)") }
    return digest.finish(outline)
  }
}

/// Computes a dataset's content digest while the dataset passes.
///
/// What is hashed, in this order: the layout's name and version and the grid; per service the word
/// `service`, its name and columns, the values column by column, the log patterns, their counts and,
/// where they are known, the word `transitions` and what follows what; the word `end`, incidents,
/// sources and report, and the instants that belong to them. So the digest is known as soon as the
/// last service is.
struct ContentDigest: DatasetSink {
  /// The version of this list. What files of a later layout have in addition is hashed where they
  /// have it, so that content which could be written before keeps its digest.
  private static let version = 1

  private var digest = SHA256Digest()

  mutating func begin(_ grid: TimeGrid) {
    digest.update(framed: DatasetFile.Content.telemetry.rawValue)
    digest.update(framing: Self.version)
    digest.update(integers: [
      grid.first.milliseconds, grid.interval.milliseconds, Int64(grid.count),
    ])
  }

  mutating func beginService(_ service: String, columns: [MetricColumn]) {
    let description: JSONValue = [
      "service": .string(service),
      "columns": .array(
        columns.map { column in
          [
            "name": .string(column.name), "kind": .string(column.kind.rawValue),
            "labels": column.labels.json,
          ]
        }),
    ]
    digest.update(framed: "service")
    digest.update(framed: description.text())
  }

  mutating func addColumn(_ values: [Double]) {
    digest.update(framing: values.count)
    digest.update(littleEndian: values)
  }

  mutating func endService(logs: LogActivity?) {
    let patterns = logs.map { logs in
      JSONValue.array(logs.patterns.map { [.string($0.text), .integer($0.level.rawValue)] })
    }
    digest.update(framed: (patterns ?? .null).text())
    guard let logs else { return }
    digest.update(integers: logs.counts.map { Int64($0.row) })
    digest.update(integers: logs.counts.map { Int64($0.pattern) })
    digest.update(integers: logs.counts.map { Int64($0.lines) })
    digest.update(framing: logs.recorded.count)
    digest.update(logs.recorded.map { $0 ? 1 : 0 })
    guard let transitions = logs.transitions else { return }
    digest.update(framed: "transitions")
    digest.update(integers: transitions.map { Int64($0.row) })
    digest.update(integers: transitions.map { Int64($0.from) })
    digest.update(integers: transitions.map { Int64($0.to) })
    digest.update(integers: transitions.map { Int64($0.lines) })
  }

  /// Adds what is not telemetry and returns the digest, 64 hexadecimal digits.
  mutating func finish(_ outline: DatasetOutline) -> String {
    let incidents = outline.incidents
    let description: JSONValue = [
      "incidents": .array(
        incidents.map { incident in
          [
            "id": .string(incident.id),
            "service": incident.service.map(JSONValue.string) ?? .null,
            "kind": .string(incident.kind),
            "role": .string(incident.role.rawValue),
            "detected": .bool(incident.detected != nil),
          ]
        }),
      "sources": .array(outline.sources.map(\.json)),
      "report": outline.report.json,
    ]
    digest.update(framed: "end")
    digest.update(framed: description.text())
    digest.update(integers: outline.publishedTestStart.map { [$0.milliseconds] } ?? [])
    digest.update(integers: incidents.map(\.start.milliseconds))
    digest.update(integers: incidents.compactMap(\.detected?.milliseconds))
    digest.update(integers: incidents.map(\.resolved.milliseconds))
    return digest.hexadecimal
  }
}

extension SHA256Digest {
  /// Adds whole numbers, preceded by how many they are.
  fileprivate mutating func update(integers: [Int64]) {
    update(framing: integers.count)
    update(littleEndian: integers)
  }
}
