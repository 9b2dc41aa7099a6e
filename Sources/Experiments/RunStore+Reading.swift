internal import Evaluation
internal import GRDB
internal import Storage
internal import Telemetry

extension RunStore {
  /// The runs that a query means, with all that is recorded of them.
  ///
  /// - Throws: `ExperimentsError.invalidMetric` when no run has the figure to sort by, or `.database`.
  public func runs(_ query: RunQuery = RunQuery()) throws -> [RecordedRun] {
    let key = try query.sortKey
    return try read { database in
      if let key {
        let known = try Bool.fetchOne(
          database,
          sql: "SELECT EXISTS (SELECT 1 FROM metric WHERE detector = ? AND metric = ?)",
          arguments: [key.detector, key.metric])
        let isEmpty = try Bool.fetchOne(database, sql: "SELECT NOT EXISTS (SELECT 1 FROM run)")
        guard known == true || isEmpty == true else {
          throw ExperimentsError.invalidMetric(
            query.sort ?? "",
            known: try String.fetchAll(
              database,
              sql: """
                SELECT DISTINCT detector || '.' || metric FROM metric
                WHERE detector = 'ensemble' ORDER BY position
                """))
        }
      }
      var conditions: [String] = []
      var arguments = StatementArguments()
      var join = ""
      var order = "run.number \(query.isReversed ? "ASC" : "DESC")"
      if let key {
        join = """
          LEFT JOIN metric AS sorted
          ON sorted.run = run.number AND sorted.detector = ? AND sorted.metric = ?
          """
        arguments += [key.detector, key.metric]
        let ascends = RunMetric.isLowerBetter(key.metric) != query.isReversed
        order =
          "sorted.value IS NULL, sorted.value \(ascends ? "ASC" : "DESC"), run.number DESC"
      }
      func require(_ condition: String, _ value: String?) {
        guard let value else { return }
        conditions.append(condition)
        arguments += [value]
      }
      require("run.name = ?", query.name)
      require("run.kind = ?", query.kind?.rawValue)
      require("run.study = ?", query.study)
      for tag in query.tags {
        require("EXISTS (SELECT 1 FROM tag WHERE tag.run = run.number AND tag.tag = ?)", tag)
      }
      var sql = "SELECT run.* FROM run \(join)"
      if !conditions.isEmpty { sql += " WHERE \(conditions.joined(separator: " AND "))" }
      sql += " ORDER BY \(order)"
      if let limit = query.limit {
        sql += " LIMIT ?"
        arguments += [limit]
      }
      return try Row.fetchAll(database, sql: sql, arguments: arguments).map {
        try run($0, database)
      }
    }
  }

  /// The run of an id, or of its beginning when no other run's id begins so.
  ///
  /// - Throws: `ExperimentsError.unknownRun`, `.ambiguousRun` or `.database`.
  public func run(_ id: String) throws -> RecordedRun {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: "SELECT * FROM run WHERE id = :id OR substr(id, 1, length(:id)) = :id ORDER BY number",
        arguments: ["id": id])
      let exact = rows.first { ($0["id"] as String) == id }
      if let exact { return try run(exact, database) }
      guard let only = rows.first, !id.isEmpty else {
        throw ExperimentsError.unknownRun(
          id: id, path: path,
          known: try String.fetchAll(
            database, sql: "SELECT id FROM run ORDER BY number DESC LIMIT 5"))
      }
      guard rows.count == 1 else {
        throw ExperimentsError.ambiguousRun(id: id, matches: rows.map { $0["id"] })
      }
      return try run(only, database)
    }
  }

  private func run(_ row: Row, _ database: Database) throws -> RecordedRun {
    let number: Int64 = row["number"]
    let environment = RunEnvironment(
      toolVersion: row["tool_version"], executableDigest: row["executable_digest"],
      system: row["system"], architecture: row["architecture"], processor: row["processor"],
      threads: row["threads"])
    let kind: String = row["kind"]
    let seed: String = row["seed"]
    var record = RunRecord(
      name: row["name"], kind: RunRecord.Kind(rawValue: kind) ?? .run,
      started: Timestamp(milliseconds: row["started_ms"]), wallSeconds: row["wall_seconds"],
      configuration: row["configuration"], datasetDigest: row["dataset_digest"],
      artifactDigest: row["artifact_digest"], seed: UInt64(seed) ?? 0, environment: environment)
    record.failure = row["failure"]
    record.folder = located(row["folder"])
    record.registry = located(row["registry"])
    let files: String = row["files"]
    record.files = try JSONDocument(
      JSONValue(parsing: Array(files.utf8), source: path), source: path
    ).elements.map { try $0.string }
    if let study: String = row["study"] {
      record.trial = RunRecord.Trial(study: study, number: row["trial"], share: row["share"])
    }
    record.metrics = try Row.fetchAll(
      database, sql: "SELECT * FROM metric WHERE run = ? ORDER BY position", arguments: [number]
    ).map { row in
      var metric = RunMetric(
        detector: row["detector"], metric: row["metric"], value: row["value"])
      if let low: Double = row["low"], let high: Double = row["high"] {
        metric.interval = Interval(low: low, high: high)
      }
      return metric
    }
    for row in try Row.fetchAll(
      database, sql: "SELECT stage, seconds FROM timing WHERE run = ?", arguments: [number])
    {
      let stage: String = row["stage"]
      record.fitSeconds[stage] = row["seconds"] as Double
    }
    return RecordedRun(
      id: row["id"], record: record,
      tags: try String.fetchAll(
        database, sql: "SELECT tag FROM tag WHERE run = ? ORDER BY tag", arguments: [number]))
  }
}
