internal import Storage
internal import Telemetry

// The JSON forms of what a snapshot keeps as text.

extension Dictionary<String, String> {
  /// An object of texts.
  var json: JSONValue { .object(mapValues(JSONValue.string)) }

  init(_ document: JSONDocument) throws {
    self.init(uniqueKeysWithValues: try document.members.map { ($0.key, try $0.value.string) })
  }
}

extension SourceRecord {
  /// The record as an object.
  var json: JSONValue {
    [
      "type": .string(type), "name": .string(name), "sha256": .string(sha256),
      "bytes": .integer(bytes),
    ]
  }

  init(_ document: JSONDocument) throws {
    self.init(
      type: try document["type"].string, name: try document["name"].string,
      sha256: try document["sha256"].string, bytes: try document["bytes"].integer)
  }
}

extension DatasetLineage {
  /// The lineage as an object.
  var json: JSONValue {
    // What is no JSON stays a text.
    let parsed = try? JSONValue(parsing: Array(configuration.utf8), source: "configuration")
    return [
      "program_version": .string(programVersion), "configuration": parsed ?? .string(configuration),
    ]
  }

  init(_ document: JSONDocument) throws {
    let configuration = try document["configuration"].value
    self.init(
      programVersion: try document["program_version"].string,
      configuration: configuration.text())
  }
}

extension IngestReport {
  /// The report as an object.
  ///
  /// Members that earlier versions did not know are there only where they say something, so that
  /// the digest of an older snapshot stays what it was.
  var json: JSONValue {
    var members: [String: JSONValue] = [
      "samples": .integer(samples), "log_lines": .integer(logLines), "series": .integer(series),
      "missing_cells": .integer(missingCells), "cells": .integer(cells),
      "defects": .array(
        defects.map { defect in
          [
            "source": .string(defect.source), "reason": .string(defect.reason),
            "effect": .string(defect.effect.rawValue), "count": .integer(defect.count),
            "example": .string(defect.example),
          ]
        }),
    ]
    if gaps > 0 {
      members["gaps"] = .integer(gaps)
      members["gap_cells"] = .integer(gapCells)
    }
    return .object(members)
  }

  init(_ document: JSONDocument) throws {
    self.init(defects: try document["defects"].elements.map { try Defect($0) })
    samples = try document["samples"].integer
    logLines = try document["log_lines"].integer
    series = try document["series"].integer
    missingCells = try document["missing_cells"].integer
    cells = try document["cells"].integer
    gaps = try document.optional("gaps")?.integer ?? 0
    gapCells = try document.optional("gap_cells")?.integer ?? 0
  }
}

extension IngestReport.Defect {
  fileprivate init(_ document: JSONDocument) throws {
    guard let effect = IngestReport.Effect(rawValue: try document["effect"].string) else {
      throw try document["effect"].expected("skipped, changed, ignored or noted")
    }
    self.init(
      source: try document["source"].string, reason: try document["reason"].string,
      effect: effect, count: try document["count"].integer,
      example: try document["example"].string)
  }
}
