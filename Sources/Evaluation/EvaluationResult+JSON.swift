public import Storage
internal import Telemetry

extension EvaluationResult {
  private static let format = "autopilotops.evaluation/1"

  /// The result as a document; derived figures are written for readers but not read back.
  public func json() -> JSONValue {
    [
      "format": .string(Self.format),
      "plan": plan.json,
      "calibration_digest": .string(calibrationDigest),
      "counts": [
        "services": .integer(counts.services),
        "test_cells_per_service": .integer(counts.testCells),
        "positive_cells": .integer(counts.positiveCells),
        "neutral_cells": .integer(counts.neutralCells),
        "quiet_cells": .integer(counts.quietCells),
        "incidents": .integer(counts.incidents),
        "incidents_without_scores": .integer(counts.incidentsWithoutScores),
        "excluded": .integer(counts.excluded),
      ],
      "incidents": .array(incidents.map(\.json)),
      "detectors": .array(rows.map(\.json)),
    ]
  }

  /// Reads a result back.
  ///
  /// - Parameter source: The name to use in errors.
  /// - Throws: `StorageError.unexpectedShape` with the place that is wrong.
  public init(json: JSONValue, source: String = "evaluation") throws {
    let document = JSONDocument(json, source: source)
    guard try document["format"].string == Self.format else {
      throw try document["format"].expected("'\(Self.format)'")
    }
    let counts = try document["counts"]
    self.init(
      plan: try EvaluationPlan(json: document["plan"]),
      calibrationDigest: try document["calibration_digest"].string,
      counts: Counts(
        services: try counts["services"].integer,
        testCells: try counts["test_cells_per_service"].integer,
        positiveCells: try counts["positive_cells"].integer,
        neutralCells: try counts["neutral_cells"].integer,
        quietCells: try counts["quiet_cells"].integer,
        incidents: try counts["incidents"].integer,
        incidentsWithoutScores: try counts["incidents_without_scores"].integer,
        excluded: try counts["excluded"].integer),
      incidents: try document["incidents"].elements.map(Incident.init(json:)),
      rows: try document["detectors"].elements.map(DetectorResult.init(json:)))
  }
}

extension EvaluationPlan {
  fileprivate var json: JSONValue {
    [
      "grid": [
        "first": .time(grid.first), "interval_seconds": .span(grid.interval),
        "count": .integer(grid.count),
      ],
      "test": .array(test.map { ["after": .time($0.start), "through": .time($0.end)] }),
      "tolerance_before_seconds": .span(toleranceBefore),
      "tolerance_after_seconds": .span(toleranceAfter),
      "renotify_seconds": .span(renotify),
      "vus_window": .integer(vusWindow),
      "collateral": .string(collateral.rawValue),
    ]
  }

  fileprivate init(json: JSONDocument) throws {
    let grid = try json["grid"]
    let interval = try grid["interval_seconds"].span
    guard interval > .zero else {
      throw try grid["interval_seconds"].expected("a positive number of seconds")
    }
    let count = try grid["count"].integer
    guard count >= 0 else { throw try grid["count"].expected("a count that is not negative") }
    guard let collateral = CollateralPolicy(rawValue: try json["collateral"].string) else {
      throw try json["collateral"].expected("'neutral' or 'strict'")
    }
    self.init(
      grid: TimeGrid(first: try grid["first"].time, interval: interval, count: count),
      test: try json["test"].elements.map { range in
        let start = try range["after"].time
        let end = try range["through"].time
        guard start <= end else { throw range.expected("a range that ends after its start") }
        return TimeRange(start: start, end: end)
      },
      toleranceBefore: try json["tolerance_before_seconds"].span,
      toleranceAfter: try json["tolerance_after_seconds"].span,
      renotify: try json["renotify_seconds"].span,
      // Documents of before there was one have no figures that depend on it.
      vusWindow: try json.optional("vus_window")?.integer ?? 0, collateral: collateral)
  }
}

extension Incident {
  fileprivate var json: JSONValue {
    [
      "id": .string(id), "service": .optional(service), "kind": .string(kind),
      "start": .time(start), "detected": .optional(detected), "resolved": .time(resolved),
      "role": .string(role.rawValue),
    ]
  }

  fileprivate init(json: JSONDocument) throws {
    guard let role = Role(rawValue: try json["role"].string) else {
      throw try json["role"].expected("'incident' or 'excluded'")
    }
    let start = try json["start"].time
    let resolved = try json["resolved"].time
    guard start < resolved else {
      throw try json["resolved"].expected("an instant after the start")
    }
    self.init(
      id: try json["id"].string, service: try json.optional("service")?.string,
      kind: try json["kind"].string, start: start,
      detected: try json.optional("detected")?.time, resolved: resolved, role: role)
  }
}
