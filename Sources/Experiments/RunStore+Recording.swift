internal import Evaluation
internal import GRDB
internal import Storage
internal import Telemetry

extension RunStore {
  /// Digits of a digest in an id.
  private static let idDigits = 6

  /// Records a run, whole or not at all.
  ///
  /// A trial that is recorded already, by another process, stays as it is.
  ///
  /// - Returns: The run's id.
  /// - Throws: `ExperimentsError.database`.
  @discardableResult
  public func record(_ record: RunRecord) throws -> String {
    try write { database in
      if let trial = record.trial, let known = try Self.id(of: trial, database) { return known }
      let digest = record.artifactDigest ?? record.configurationDigest
      let prefix = "\(record.name)-\(digest.prefix(Self.idDigits))"
      // Numbers are never used twice, so that an id means the same run for good.
      try database.execute(
        sql: """
          INSERT INTO series (prefix, last) VALUES (?, 1)
          ON CONFLICT (prefix) DO UPDATE SET last = last + 1
          """, arguments: [prefix])
      let number =
        try Int.fetchOne(
          database, sql: "SELECT last FROM series WHERE prefix = ?", arguments: [prefix]) ?? 1
      let id = "\(prefix)-\(number)"
      try insert(record, id: id, database)
      let run = database.lastInsertedRowID
      for (position, metric) in record.metrics.enumerated() {
        try database.execute(
          sql: """
            INSERT INTO metric (run, position, detector, metric, value, low, high)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            run, position, metric.detector, metric.metric, metric.value, metric.interval?.low,
            metric.interval?.high,
          ])
      }
      for (stage, seconds) in record.fitSeconds {
        try database.execute(
          sql: "INSERT INTO timing (run, stage, seconds) VALUES (?, ?, ?)",
          arguments: [run, stage, seconds])
      }
      return id
    }
  }

  private static func id(of trial: RunRecord.Trial, _ database: Database) throws -> String? {
    try String.fetchOne(
      database, sql: "SELECT id FROM run WHERE study = ? AND trial = ? AND share = ?",
      arguments: [trial.study, trial.number, trial.share])
  }

  private func insert(_ record: RunRecord, id: String, _ database: Database) throws {
    let environment = record.environment
    try database.execute(
      sql: """
        INSERT INTO run (
          id, name, kind, state, failure, started_ms, wall_seconds, configuration,
          configuration_digest, dataset_digest, artifact_digest, seed, tool_version,
          executable_digest, system, architecture, processor, threads, folder, files, registry,
          study, trial, share)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        id, record.name, record.kind.rawValue, record.failure == nil ? "finished" : "failed",
        record.failure, record.started.milliseconds, record.wallSeconds, record.configuration,
        record.configurationDigest, record.datasetDigest, record.artifactDigest,
        String(record.seed), environment.toolVersion, environment.executableDigest,
        environment.system, environment.architecture, environment.processor, environment.threads,
        recorded(record.folder),
        JSONValue.array(record.files.map(JSONValue.string)).text(), recorded(record.registry),
        record.trial?.study, record.trial?.number, record.trial?.share,
      ])
  }

  /// Gives tags to runs.
  ///
  /// - Returns: How many are new.
  /// - Throws: `ExperimentsError.invalidTag` or `.database`.
  @discardableResult
  public func add(tags: [String], to runs: [RecordedRun]) throws -> Int {
    try checkTags(tags)
    return try write { database in
      try change(
        """
        INSERT OR IGNORE INTO tag (run, tag) SELECT number, ? FROM run WHERE id = ?
        """, tags, runs, database)
    }
  }

  /// Takes tags from runs.
  ///
  /// - Returns: How many there were.
  /// - Throws: `ExperimentsError.invalidTag` or `.database`.
  @discardableResult
  public func remove(tags: [String], from runs: [RecordedRun]) throws -> Int {
    try checkTags(tags)
    return try write { database in
      try change(
        "DELETE FROM tag WHERE tag = ? AND run = (SELECT number FROM run WHERE id = ?)", tags,
        runs, database)
    }
  }

  private func change(
    _ sql: String, _ tags: [String], _ runs: [RecordedRun], _ database: Database
  ) throws -> Int {
    var changed = 0
    for tag in tags {
      for run in runs {
        try database.execute(sql: sql, arguments: [tag, run.id])
        changed += database.changesCount
      }
    }
    return changed
  }

  /// Removes records; files of theirs stay.
  ///
  /// - Throws: `ExperimentsError.database`.
  public func remove(_ runs: [RecordedRun]) throws {
    try write { database in
      for run in runs {
        try database.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [run.id])
      }
    }
  }

  private func checkTags(_ tags: [String]) throws(ExperimentsError) {
    for tag in tags {
      let isFit = tag.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
          || (0x61...0x7A).contains(byte) || Array("._:-".utf8).contains(byte)
      }
      guard isFit, (1...64).contains(tag.utf8.count) else { throw .invalidTag(tag) }
    }
  }
}
