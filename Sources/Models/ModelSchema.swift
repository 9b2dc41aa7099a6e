internal import Registry
internal import Storage

/// The schema of a model's files, and how files of older ones become those of the newest.
///
/// `pipeline.json` says the schema of all of them; files that do not say one are of schema 1. Weights and
/// scores are never touched: what a step adds is what a model of the older schema did without saying so.
enum ModelSchema {
  private static let migrations = SchemaMigrations([
    // Schema 1 did not always say these, and meant:
    { pipeline in
      pipeline["boundary_cells"] = pipeline["boundary_cells"] ?? .integer(0)
      pipeline["baselines"] = pipeline["baselines"] ?? BaselineConfiguration().json()
      if case .object(var rules)? = pipeline["evaluation"] {
        rules["vus_window"] = rules["vus_window"] ?? .integer(24)
        pipeline["evaluation"] = .object(rules)
      }
      // Schema 2 says how long a model is meant to be used, which had no end before, and of what
      // configuration it is, which nobody knows any more.
      pipeline["expires_after"] = .null
      pipeline["configuration"] = .null
    }
  ])

  /// The newest schema.
  static var newest: Int { migrations.newest }

  /// How a model came to be, in the newest schema.
  ///
  /// - Throws: `RegistryError.newerSchema`, `StorageError` for what is no object.
  static func newest(_ pipeline: JSONDocument, source: String) throws -> JSONDocument {
    try migrations.newest(pipeline, source: source)
  }
}
