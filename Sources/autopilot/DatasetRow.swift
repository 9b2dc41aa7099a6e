internal import DatasetStore
internal import Report
internal import Storage
internal import Telemetry

/// A snapshot in a list.
struct DatasetRow {
  let entry: DatasetStore.Entry
  let bytes: Int
  /// What the snapshot says of itself, or why it cannot be read.
  let summary: Result<DatasetSummary, DatasetStoreError>

  init(_ entry: DatasetStore.Entry) throws {
    self.entry = entry
    bytes = try FileSystem.status(of: entry.path).size
    do throws(DatasetStoreError) {
      summary = .success(try DatasetFile.summary(of: entry.path))
    } catch {
      summary = .failure(error)
    }
  }

  static func table(_ rows: [DatasetRow]) -> String {
    var table = TerminalTable([
      ("digest", .leftWhole), ("made from", .left), ("services", .right), ("cells", .right),
      ("from", .leftWhole), ("span", .right), ("incidents", .right), ("size", .right),
    ])
    var unreadable = ""
    for row in rows {
      switch row.summary {
      case .success(let summary):
        let range = summary.grid.range
        table.add([
          short(row.entry.digest), madeFrom(summary.sources), grouped(summary.services.count),
          grouped(summary.grid.count), String(range.start.description.prefix(10)),
          duration(range.length), grouped(summary.incidents), size(row.bytes),
        ])
      case .failure(let error):
        table.add([
          short(row.entry.digest), "unreadable", "", "", "", "", "", size(row.bytes),
        ])
        unreadable += wrapped("\(error)", indent: "  ") + "\n"
      }
    }
    return table.text(width: 110) + unreadable
  }

  /// Kinds of sources with how many files each has: `loki 2, prometheus 1`.
  static func madeFrom(_ sources: [SourceRecord]) -> String {
    var counts: [String: Int] = [:]
    for source in sources { counts[source.type, default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      .joined(separator: ", ")
  }

  var json: JSONValue {
    let known: [String: JSONValue] = [
      "digest": .string(entry.digest), "path": .string(entry.path), "bytes": .integer(bytes),
    ]
    switch summary {
    case .failure(let error):
      return .object(known.merging(["error": .string(error.description)]) { first, _ in first })
    case .success(let summary):
      return .object(known.merging(summary.fields) { first, _ in first })
    }
  }
}

extension DatasetSummary {
  /// What the snapshot says of itself as members of a JSON object.
  var fields: [String: JSONValue] {
    [
      "interval": .string(grid.interval.description), "cells": .integer(grid.count),
      "start": .string(grid.range.start.description), "end": .string(grid.range.end.description),
      "services": .array(
        services.map {
          [
            "service": .string($0.name), "columns": .integer($0.columns), "logs": .bool($0.hasLogs),
          ]
        }),
      "incidents": .integer(incidents),
      "sources": .array(
        sources.map {
          [
            "type": .string($0.type), "name": .string($0.name), "sha256": .string($0.sha256),
            "bytes": .integer($0.bytes),
          ]
        }),
      "lineage": lineage.map { lineage in
        [
          "program_version": .string(lineage.programVersion),
          "configuration":
            (try? JSONValue(
              parsing: Array(lineage.configuration.utf8), source: "lineage"))
            ?? .string(lineage.configuration),
        ]
      } ?? .null,
    ]
  }
}
