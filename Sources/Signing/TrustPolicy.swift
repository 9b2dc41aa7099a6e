/// Whose signatures are believed, and about which models.
public struct TrustPolicy: Hashable, Sendable {
  /// The trusted keys.
  public let keys: [VerificationKey]
  /// How many of them must have signed the same.
  public let required: Int
  /// The models that may be used; nil for any.
  public let names: Set<String>?
  /// Whether models are refused for data after their expiry, rather than used with a warning.
  public let refusesExpired: Bool

  /// Makes a policy.
  ///
  /// - Parameter source: The name to use in errors.
  /// - Throws: `SigningError.invalidPolicy` when no artifact could ever satisfy it.
  public init(
    keys: [VerificationKey], required: Int = 1, names: Set<String>? = nil,
    refusesExpired: Bool = false, source: String
  ) throws(SigningError) {
    let distinct = Set(keys).count
    guard distinct > 0 else {
      throw .invalidPolicy(source: source, reason: "trusts no key; list at least one under keys")
    }
    guard (1...distinct).contains(required) else {
      throw .invalidPolicy(
        source: source,
        reason: "asks for \(required) signers of \(distinct) keys; required must be from 1 to "
          + "\(distinct)")
    }
    (self.keys, self.required, self.names) = (keys, required, names)
    self.refusesExpired = refusesExpired
  }

  /// What enough trusted keys have signed, each with those keys' identifiers.
  ///
  /// Signatures by other keys count for nothing. Usually one statement comes back; several when the
  /// same folder has signatures of different contents, of which one must be the artifact's.
  ///
  /// - Parameter source: What the signatures are of, for errors.
  /// - Throws: `SigningError.notTrusted` when too few have signed, `.damagedSignature`.
  public func statements(
    in signatures: [SignatureBundle], source: String
  ) throws(SigningError) -> [(statement: ModelStatement, signers: [String])] {
    guard !signatures.isEmpty else {
      throw .notTrusted(source: source, reason: "is not signed, and a signature is required")
    }
    var signers: [[String: String]: Set<String>] = [:]
    var names: [[String: String]: String] = [:]
    for bundle in signatures {
      for key in keys {
        guard let statement = try bundle.statement(verifiedBy: key) else { continue }
        signers[statement.files, default: []].insert(key.identifier)
        names[statement.files] = names[statement.files] ?? statement.name
      }
    }
    let believed = signers.filter { $0.value.count >= required }
    guard !believed.isEmpty else {
      let count = signers.values.map(\.count).max() ?? 0
      let others = signatures.compactMap(\.keyIdentifier).map { String($0.prefix(16)) }
      throw .notTrusted(
        source: source,
        reason: "has valid signatures of \(count) trusted key\(count == 1 ? "" : "s"), "
          + "\(required) required; the signatures name: \(others.joined(separator: ", "))")
    }
    return believed.map { files, signers in
      (ModelStatement(name: names[files] ?? "", files: files), signers.sorted())
    }
  }
}
