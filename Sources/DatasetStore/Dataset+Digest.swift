internal import Storage
public import Telemetry

extension Dataset {
  /// SHA-256 of everything the dataset says, 64 hexadecimal digits.
  ///
  /// Covers the logical content alone: framed canonical JSON for names and descriptions, framed
  /// little-endian bytes for numbers, NaN by its bits. It does not depend on the version of HDF5,
  /// on compression, on the machine or on the time, nor on whether the columns are features.
  public var contentDigest: String {
    var digest = SHA256Digest()
    digest.update(framed: DatasetFile.Content.telemetry.rawValue)
    digest.update(framing: Int(DatasetFile.schemaVersion))
    digest.update(framed: descriptions.text())
    digest.update(integers: [
      grid.first.milliseconds, grid.interval.milliseconds, Int64(grid.count),
    ])
    digest.update(integers: publishedTestStart.map { [$0.milliseconds] } ?? [])
    digest.update(integers: incidents.map(\.start.milliseconds))
    digest.update(integers: incidents.compactMap(\.detected?.milliseconds))
    digest.update(integers: incidents.map(\.resolved.milliseconds))
    for frame in services {
      digest.update(framing: frame.values.count)
      digest.update(littleEndian: frame.values)
      guard let logs = frame.logs else { continue }
      digest.update(integers: logs.counts.map { Int64($0.row) })
      digest.update(integers: logs.counts.map { Int64($0.pattern) })
      digest.update(integers: logs.counts.map { Int64($0.lines) })
      digest.update(framing: logs.recorded.count)
      digest.update(logs.recorded.map { $0 ? 1 : 0 })
    }
    return digest.hexadecimal
  }

  /// Everything but the arrays of numbers.
  private var descriptions: JSONValue {
    [
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
      "services": .array(services.map(\.description)),
      "sources": .array(sources.map(\.json)),
      "report": report.json,
    ]
  }
}

extension ServiceFrame {
  fileprivate var description: JSONValue {
    [
      "service": .string(service),
      "columns": .array(
        columns.map { column in
          [
            "name": .string(column.name), "kind": .string(column.kind.rawValue),
            "labels": column.labels.json,
          ]
        }),
      "patterns": logs.map { logs in
        .array(logs.patterns.map { [.string($0.text), .integer($0.level.rawValue)] })
      } ?? .null,
    ]
  }
}

extension SHA256Digest {
  /// Adds whole numbers, preceded by how many they are.
  fileprivate mutating func update(integers: [Int64]) {
    update(framing: integers.count)
    update(littleEndian: integers)
  }
}
