internal import GRDB

extension RunStore {
  /// The file's layout, one migration a version; what was released is never changed.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("v1") { database in
      try database.execute(sql: firstSchema)
    }
    return migrator
  }

  // Strict tables: a value of another type than its column's is refused, so that a file that this
  // schema opened reads back without surprise.
  private static let firstSchema = """
    CREATE TABLE run (
      number INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      kind TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('finished', 'failed')),
      failure TEXT,
      started_ms INTEGER NOT NULL,
      wall_seconds REAL NOT NULL,
      configuration TEXT NOT NULL,
      configuration_digest TEXT NOT NULL,
      dataset_digest TEXT NOT NULL,
      artifact_digest TEXT,
      seed TEXT NOT NULL,
      tool_version TEXT NOT NULL,
      executable_digest TEXT NOT NULL,
      system TEXT NOT NULL,
      architecture TEXT NOT NULL,
      processor TEXT NOT NULL,
      threads INTEGER NOT NULL,
      folder TEXT,
      files TEXT NOT NULL,
      registry TEXT,
      study TEXT,
      trial INTEGER,
      share REAL
    ) STRICT;
    CREATE INDEX run_by_name ON run (name);
    CREATE UNIQUE INDEX run_by_trial ON run (study, trial, share) WHERE study IS NOT NULL;
    CREATE TABLE metric (
      run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
      position INTEGER NOT NULL,
      detector TEXT NOT NULL,
      metric TEXT NOT NULL,
      value REAL NOT NULL,
      low REAL,
      high REAL,
      PRIMARY KEY (run, detector, metric)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX metric_by_name ON metric (detector, metric, value);
    CREATE TABLE timing (
      run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
      stage TEXT NOT NULL,
      seconds REAL NOT NULL,
      PRIMARY KEY (run, stage)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE tag (
      run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
      tag TEXT NOT NULL,
      PRIMARY KEY (run, tag)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX tag_by_name ON tag (tag);
    CREATE TABLE series (
      prefix TEXT NOT NULL PRIMARY KEY,
      last INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """
}
