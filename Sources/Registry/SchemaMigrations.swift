public import Storage

/// Brings documents of older schemas to the newest one, a schema at a time.
///
/// A document says its schema in a member; what was written before there was one has schema 1. Each
/// step makes the next schema's document of one schema's, so that a reader knows the newest alone. What
/// is stored never changes: digests and signatures are those of the bytes as they were written.
public struct SchemaMigrations: Sendable {
  /// Makes the members of a document those of the next schema.
  public typealias Step = @Sendable (inout [String: JSONValue]) -> Void

  /// The member that says the schema.
  public static let member = "schema_version"

  /// The steps from schema 1 on.
  private let steps: [Step]

  /// The newest schema.
  public var newest: Int { steps.count + 1 }

  /// Lists the steps: from schema 1 to 2, from 2 to 3 and so on.
  public init(_ steps: [Step]) { self.steps = steps }

  /// The schema that a document has.
  ///
  /// - Throws: `RegistryError.newerSchema` for one beyond the newest, `StorageError.unexpectedShape` for
  ///   what is none.
  public func schema(of document: JSONDocument, source: String) throws -> Int {
    guard let stated = try document.optional(Self.member) else { return 1 }
    let schema = try stated.integer
    guard schema >= 1 else { throw stated.expected("a schema from 1 on") }
    guard schema <= newest else {
      throw RegistryError.newerSchema(path: source, found: schema, supported: newest)
    }
    return schema
  }

  /// The document in the newest schema.
  ///
  /// - Parameter source: The name of its file in errors.
  /// - Throws: As `schema(of:source:)`, and `StorageError.unexpectedShape` for what is no object.
  public func newest(_ document: JSONDocument, source: String) throws -> JSONDocument {
    let schema = try schema(of: document, source: source)
    guard case .object(var members) = document.value else {
      throw document.expected("an object")
    }
    for step in steps[(schema - 1)...] { step(&members) }
    members[Self.member] = .integer(newest)
    return JSONDocument(.object(members), source: source)
  }
}
