internal import Diagnostics
internal import LogTemplates
internal import Storage
internal import Telemetry

extension IngestConfiguration {
  /// What a dataset keeps of how it was made. Folders are left out, so that moving an export changes
  /// nothing.
  var lineage: DatasetLineage {
    DatasetLineage(programVersion: Program.version, configuration: json.text())
  }

  private var json: JSONValue {
    [
      "interval": .string(interval.description),
      "sources": .array(sources.map(\.json)),
      "incidents": .array(
        incidents.map {
          ["name": .string(name(ofPath: $0.path)), "role": .string($0.role.rawValue)]
        }),
      "service_labels": .array(serviceLabels.map(JSONValue.string)),
      "kinds": .object(kinds.mapValues { .string($0.rawValue) }),
      "log_masks": logMasks.json,
      "start": start.map { .string($0.description) } ?? .null,
      "end": end.map { .string($0.description) } ?? .null,
      "limits": [
        "input_bytes": .integer(limits.inputBytes), "series": .integer(limits.series),
        "patterns_per_service": .integer(limits.patternsPerService),
        "transitions_per_service": .integer(limits.transitionsPerService),
        "cells": .integer(limits.cells), "earliest": .string(limits.earliest.description),
        "latest": .string(limits.latest.description),
      ],
    ]
  }
}

extension SourceConfiguration {
  fileprivate var json: JSONValue {
    switch self {
    case .prometheus(let path): named("prometheus", path)
    case .openMetrics(let path, let time):
      named(
        "openmetrics", path, time.map { ["time": .string($0.description)] } ?? [:])
    case .loki(let path): named("loki", path)
    case .containerLogs(let source):
      named("container_logs", source.path, ["service": .text(source.service)])
    case .syslog(let source):
      named(
        "syslog", source.path,
        [
          "service": .text(source.service), "year": source.year.map(JSONValue.integer) ?? .null,
          "time_zone": .string(source.zone.name),
        ])
    case .pattern(let source):
      named(
        "pattern", source.path,
        [
          "expression": .string(source.expression), "service": .text(source.service),
          "time_format": .string(source.timeFormat?.text ?? "auto"),
          "year": source.year.map(JSONValue.integer) ?? .null,
          "time_zone": .string(source.zone.name), "multiline": .bool(source.isMultiline),
        ])
    case .trainTicket(let path): named("trainticket", path)
    case .smd(let path, let machine): named("smd", path, ["part": .string(machine)])
    case .published(let source):
      named(
        source.dataset.rawValue, source.path,
        ["part": .string(source.part), "interval": .string(source.interval.description)])
    case .csv(let source): named("csv", source.path, source.json)
    }
  }

  private func named(
    _ type: String, _ path: String, _ others: [String: JSONValue] = [:]
  ) -> JSONValue {
    let known: [String: JSONValue] = [
      "type": .string(type), "name": .string(name(ofPath: path)),
    ]
    return .object(known.merging(others) { first, _ in first })
  }
}

extension CSVSource {
  fileprivate var json: [String: JSONValue] {
    let texts = { (texts: [String]) in JSONValue.array(texts.map(JSONValue.string)) }
    return [
      "layout": .string(layout.rawValue),
      "time_format": .string(timePattern?.text ?? timeFormat.rawValue),
      "time_zone": .string(timeZone.name),
      "service": service.map(JSONValue.string) ?? .null,
      "delimiter": delimiter.map { .string(String(Character(Unicode.Scalar($0)))) } ?? .null,
      "values": .string(values.rawValue),
      "names": .object(names.mapValues(JSONValue.string)),
      "units": .object(units.mapValues { .string($0.name) }),
      "columns": [
        "time": .string(columns.time), "service": .string(columns.service),
        "metric": .string(columns.metric), "value": .string(columns.value),
        "labels": columns.labels.map(texts) ?? .null, "ignore": texts(columns.ignored),
      ],
    ]
  }
}

extension JSONValue {
  fileprivate static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}

/// The last part of a path.
private func name(ofPath path: String) -> String {
  String(path.split(separator: "/").last ?? "")
}
