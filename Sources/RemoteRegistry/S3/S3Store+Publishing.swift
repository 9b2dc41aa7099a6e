internal import Diagnostics
public import Registry
public import Signing
internal import Storage
internal import Synchronization

extension S3Store {
  /// The longest time from looking at what there is to claiming a number.
  private static let claimPatience = Duration.seconds(60)
  /// The longest time from claiming a number to its manifest; collections wait for longer.
  private static let uploadPatience = Duration.seconds(6 * 3600)

  /// Adds an artifact as the next version of a model and points aliases at it.
  ///
  /// Publishers of equal artifacts work on the same number and write the same bytes, so that it does
  /// not matter which of them finishes, and one that is killed is completed by the next.
  public func publish(
    _ artifact: Artifact, as name: String?, aliases: [String], signatures: [SignatureBundle]
  ) async throws -> PublishedVersion {
    let name = name ?? artifact.manifest.name
    try checkModelName(name)
    for alias in aliases { try checkAlias(alias) }
    let (number, isNew) = try await add(artifact, to: name, signatures)
    for alias in aliases {
      try await move(
        alias, of: name, to: ModelAlias.Target(version: number, digest: artifact.digest),
        expecting: .anything)
    }
    return PublishedVersion(name: name, version: number, digest: artifact.digest, isNew: isNew)
  }

  private func add(
    _ artifact: Artifact, to name: String, _ signatures: [SignatureBundle]
  ) async throws -> (version: Int, isNew: Bool) {
    var unusable: Set<Int> = []
    for attempt in 0..<1000 {
      let started = ContinuousClock.now
      // Claims before versions: a claim goes only after its version has come.
      let claims = try await claims(of: name)
      let listing = try await listing(of: name, mayBeAbsent: true)
      if let number = try await numbered(holding: artifact, name, listing) {
        // What is there is checked before it is vouched for.
        let version = try VersionReference.number(number, of: name)
        let loaded = try await load(version, trust: nil)
        if let registered = loaded.registered {
          try await addSignatures(signatures, to: registered)
        }
        return (number, false)
      }
      let own = claims.filter {
        $0.value == artifact.digest && listing.manifests[$0.key] == nil
          && !unusable.contains($0.key)
      }
      let number: Int
      if let claimed = own.keys.min() {
        number = claimed
      } else {
        number = try await freeNumber(name, claims, listing, unusable)
        guard ContinuousClock.now - started < Self.claimPatience,
          try await claim(number, of: name, for: artifact, unusable)
        else {
          try await Task.sleep(for: .milliseconds(Int.random(in: 0...(20 * min(attempt + 1, 20)))))
          continue
        }
      }
      switch try await fill(number, of: name, with: artifact, signatures, started) {
      case .written:
        try await client.delete(claimKey(name, number))
        return (number, true)
      case .lost: continue
      case nil: unusable.insert(number)
      }
    }
    throw RegistryError.store(
      location: location, reason: "too many publishers at once; try again", .environment)
  }

  /// Takes a number, and finds out whether it may be used.
  ///
  /// Numbers are claimed in order and stay taken. So whoever began to publish the same before us has a
  /// smaller number, and its claim or its version shows by now, even if it came between our looks at
  /// claims and at versions. We leave our number to a collection then: giving it back would break the
  /// order.
  private func claim(
    _ number: Int, of name: String, for artifact: Artifact, _ unusable: Set<Int>
  ) async throws -> Bool {
    let key = claimKey(name, number)
    let text: JSONValue = ["manifest_sha256": .string(artifact.digest)]
    let outcome = try await client.put(
      key, Array(text.text(indented: true).utf8), .absent, type: "application/json")
    guard outcome == .written else { return false }
    let others = try await claims(of: name).filter {
      $0.key < number && $0.value == artifact.digest && !unusable.contains($0.key)
    }
    let listing = try await listing(of: name, mayBeAbsent: true)
    guard listing.manifests[number] == nil else {
      // The claim of a version that was finished meanwhile had just been removed.
      try await client.delete(key)
      return false
    }
    let existing = try await numbered(holding: artifact, name, listing)
    return others.isEmpty && existing == nil
  }

  /// Writes an artifact's files, its manifest last.
  ///
  /// - Returns: `.lost` when another publisher of the same finished first; nil when the number holds
  ///   something else.
  private func fill(
    _ number: Int, of name: String, with artifact: Artifact, _ signatures: [SignatureBundle],
    _ started: ContinuousClock.Instant
  ) async throws -> S3Outcome? {
    let folder = folder(of: name, number)
    let fits = try await boundedMap(artifact.files, atOnce: 4) { [self] file in
      let key = "\(folder)/\(file.path)"
      if try await client.upload(key, file.bytes, .absent) == .written { return true }
      return try await holds(key, file.bytes)
    }
    guard fits.allSatisfy({ $0 }) else { return nil }
    try await sign(number, of: name, with: signatures)
    guard ContinuousClock.now - started < Self.uploadPatience else {
      throw RegistryError.store(
        location: client.place(folder), reason: "the upload took too long; publish again",
        .environment)
    }
    let manifest = artifact.manifest.bytes
    let key = manifestKey(of: name, number)
    let outcome = try await client.put(key, manifest, .absent, type: "application/json")
    guard outcome == .lost else { return .written }
    return try await holds(key, manifest) ? .lost : nil
  }

  /// Writes signatures; those that another publisher of the same wrote stay beside them.
  private func sign(_ number: Int, of name: String, with signatures: [SignatureBundle]) async throws
  {
    let folder = folder(of: name, number)
    for (path, bundle) in SignatureFiles.places(for: signatures, beside: [:]) {
      let key = "\(folder)/\(path)"
      if try await client.put(key, bundle.bytes, .absent, type: "application/json") == .lost {
        try await addSignatures(
          [bundle],
          to: RegisteredVersion(name: name, version: number, digest: "", directory: folder))
      }
    }
  }

  /// Whether an object has these bytes.
  private func holds(_ key: String, _ bytes: [UInt8]) async throws -> Bool {
    try await client.get(key, limit: max(bytes.count, 1 << 10))?.bytes == bytes
  }

  /// The number of a version that is equal to an artifact.
  private func numbered(
    holding artifact: Artifact, _ name: String, _ listing: Listing
  ) async throws -> Int? {
    let size = artifact.manifest.bytes.count
    for (number, object) in listing.manifests.sorted(by: { $0.key > $1.key })
    where object.size == size {
      if try await digest(of: object) == artifact.digest { return number }
    }
    return nil
  }

  /// One more than any number that is there, claimed, or remembered by an alias.
  private func freeNumber(
    _ name: String, _ claims: [Int: String], _ listing: Listing, _ unusable: Set<Int>
  ) async throws -> Int {
    var numbers = Array(claims.keys) + Array(listing.objects.keys) + Array(unusable)
    for alias in listing.aliases {
      if let found = try await readAlias(alias, of: name)?.alias {
        numbers += (found.history + [found.target]).map(\.version)
      }
    }
    return (numbers.max() ?? 0) + 1
  }

  /// SHA-256 of a manifest, read once.
  private func digest(of object: S3Object) async throws -> String? {
    let name = "\(object.key) \(object.etag)"
    if let known = digests.withLock({ $0[name] }) { return known }
    guard let found = try await client.get(object.key, limit: ArtifactManifest.sizeLimit) else {
      return nil
    }
    let digest = SHA256Digest.hexadecimal(of: found.bytes)
    digests.withLock { $0[name] = digest }
    return digest
  }
}

extension S3Store {
  func stagingFolder(of name: String) -> String { "\(prefix).staging/\(name)/" }

  func claimKey(_ name: String, _ number: Int) -> String {
    "\(stagingFolder(of: name))\(number).json"
  }

  /// The numbers that publishers have claimed, with the digests of what they publish.
  private func claims(of name: String) async throws -> [Int: String] {
    var claims: [Int: String] = [:]
    let folder = stagingFolder(of: name)
    for object in try await client.list(folder) {
      let file = object.key.dropFirst(folder.count)
      guard file.hasSuffix(".json"), let number = Registry.version(spelledBy: file.dropLast(5))
      else {
        continue
      }
      let name = "\(object.key) \(object.etag)"
      if let known = digests.withLock({ $0[name] }) {
        claims[number] = known
      } else if let found = try await client.get(object.key, limit: 4096) {
        let claim = try? JSONDocument(
          JSONValue(parsing: found.bytes, source: object.key), source: object.key)
        let digest = (try? claim?["manifest_sha256"].string) ?? ""
        digests.withLock { $0[name] = digest }
        claims[number] = digest
      }
    }
    return claims
  }
}
