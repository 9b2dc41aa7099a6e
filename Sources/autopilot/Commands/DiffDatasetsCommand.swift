internal import ArgumentParser
internal import DatasetStore
internal import Report
internal import Storage
internal import Telemetry

struct DiffDatasetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare two snapshots: sources, services, columns, cells, incidents.",
    discussion: "Cells are compared by their instants. Ends with exit code 0 either way.")

  @Argument(help: "The first snapshot.")
  var first: String

  @Argument(help: "The second snapshot.")
  var second: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let datasets = store.datasets
    let difference = DatasetDifference(try datasets.load(first), try datasets.load(second))
    common.print(difference.text, json: difference.json)
  }
}

extension DatasetDifference {
  /// The differences as lines: `-` for what only the first has, `+` for the second.
  fileprivate var text: String {
    guard !isEmpty else { return "the datasets say the same\n" }
    var lines: [String] = []
    if firstGrid != secondGrid {
      for (sign, grid) in [("-", firstGrid), ("+", secondGrid)] {
        lines.append(
          "\(sign) time \(interval(grid.range)), \(counted(grid.count, "cell")) of \(grid.interval)"
        )
      }
      lines.append("  \(counted(commonInstants, "instant")) in common")
    }
    lines += signed("source", sources)
    lines += signed("service", services)
    for service in changedServices {
      lines.append("  service \(service.name)")
      lines += signed("column", service.columns).map { "  " + $0 }
      lines += service.redescribed.map { "    column \($0) has another kind or other labels" }
      if let time = service.firstDifference {
        lines.append(
          "    \(counted(service.differentCells, "cell")) of \(grouped(service.commonCells)) differ, "
            + "first at \(instant(time))")
      }
      if service.logsDiffer { lines.append("    logs differ") }
    }
    lines += signed("incident", incidents)
    lines += changedIncidents.map { "  incident \($0) has other times, service, kind or role" }
    if testStartsDiffer { lines.append("  the published test parts begin at different instants") }
    if reportsDiffer { lines.append("  the reports of what was skipped and changed differ") }
    return lines.map { shortened($0, to: 110) + "\n" }.joined()
  }

  private func signed(_ noun: String, _ names: Names) -> [String] {
    names.removed.map { "- \(noun) \($0)" } + names.added.map { "+ \(noun) \($0)" }
  }

  fileprivate var json: JSONValue {
    [
      "equal": .bool(isEmpty), "common_instants": .integer(commonInstants),
      "grids": .array(
        [firstGrid, secondGrid].map { grid in
          [
            "start": .string(grid.range.start.description),
            "end": .string(grid.range.end.description),
            "interval": .string(grid.interval.description), "cells": .integer(grid.count),
          ]
        }),
      "sources": sources.json, "services": services.json, "incidents": incidents.json,
      "changed_incidents": .array(changedIncidents.map(JSONValue.string)),
      "reports_differ": .bool(reportsDiffer), "test_starts_differ": .bool(testStartsDiffer),
      "changed_services": .array(
        changedServices.map { service in
          [
            "service": .string(service.name), "columns": service.columns.json,
            "redescribed": .array(service.redescribed.map(JSONValue.string)),
            "different_cells": .integer(service.differentCells),
            "common_cells": .integer(service.commonCells),
            "first_difference": service.firstDifference.map { .string($0.description) } ?? .null,
            "logs_differ": .bool(service.logsDiffer),
          ]
        }),
    ]
  }
}

extension DatasetDifference.Names {
  fileprivate var json: JSONValue {
    [
      "added": .array(added.map(JSONValue.string)),
      "removed": .array(removed.map(JSONValue.string)),
    ]
  }
}
