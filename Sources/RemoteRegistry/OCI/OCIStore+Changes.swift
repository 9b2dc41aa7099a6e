internal import Diagnostics
public import Registry
public import Signing
internal import Storage
internal import Synchronization

extension OCIStore {
  /// Adds an artifact as the next version of a model and points aliases at it.
  ///
  /// Everything is in the registry and complete before the lock is taken and a tag names it.
  public func publish(
    _ artifact: Artifact, as name: String?, aliases: [String], signatures: [SignatureBundle]
  ) async throws -> PublishedVersion {
    let name = name ?? artifact.manifest.name
    for alias in aliases { try checkAlias(alias) }
    let repository = try repository(of: name)
    let (manifest, config) = OCIManifest.model(artifact)
    let own = ArtifactFile(path: ArtifactManifest.fileName, bytes: artifact.manifest.bytes)
    let contents = [config] + ([own] + artifact.files).map(\.bytes)
    _ = try await boundedMap(contents, atOnce: 4) { [self] bytes in
      try await client.upload(bytes, to: repository)
    }
    let stored = manifest.document
    try await client.put(stored, as: stored.digest, to: repository)
    // What is known beforehand need not be looked up under the lock.
    let before = try await client.tags(of: repository) ?? []
    _ = try await number(of: stored.digest, name, before)
    // The version that this call made before it lost the lock, which it then finds.
    var made: Int?
    return try await withLock(on: name) { [self] lock in
      let tags = try await client.tags(of: repository) ?? []
      let existing = try await number(of: stored.digest, name, tags)
      if let existing { _ = try await load(.number(existing, of: name), trust: nil) }
      try await sign(stored, signatures, of: name, lock)
      let number: Int
      if let existing {
        number = existing
      } else {
        number = try await freeNumber(name, tags)
        try await lock.check()
        try await client.put(stored, as: String(number), to: repository)
        made = number
      }
      let target = ModelAlias.Target(version: number, digest: artifact.digest)
      for alias in aliases {
        try await move(alias, of: name, to: target, stored, expecting: .anything, lock)
      }
      return PublishedVersion(
        name: name, version: number, digest: artifact.digest, isNew: number == made)
    }
  }

  /// Points an alias at a version that was found complete.
  @discardableResult
  public func setAlias(
    _ alias: String, of name: String, to version: Int, expecting: AliasExpectation
  ) async throws -> ModelAlias {
    try checkAlias(alias)
    let loaded = try await load(.number(version, of: name), trust: nil)
    let target = ModelAlias.Target(version: version, digest: loaded.artifact.digest)
    return try await withLock(on: name) { [self] lock in
      // Under the lock nobody removes it.
      let stored = try await stored(name, version)
      return try await move(alias, of: name, to: target, stored, expecting: expecting, lock)
    }
  }

  @discardableResult
  private func move(
    _ alias: String, of name: String, to target: ModelAlias.Target, _ stored: OCIDocument,
    expecting: AliasExpectation, _ lock: OCILock
  ) async throws -> ModelAlias {
    let repository = try repository(of: name)
    let current = try await readAlias(alias, of: name)
    let found = current.map { AliasExpectation.version($0.target.version) } ?? .absent
    guard expecting == .anything || expecting == found else {
      throw RegistryError.aliasConflict(
        model: "\(location)/\(name)", alias: alias, expected: expecting.description,
        found: found.description)
    }
    var result = current
    if current?.target != target {
      let moved = ModelAlias.moved(alias, from: current, to: target)
      var layer = try await client.upload(moved.bytes, to: repository)
      layer.mediaType = OCIMediaType.alias
      layer.annotations = [OCIManifest.title: "\(alias).json"]
      var manifest = OCIManifest(artifactType: OCIMediaType.alias)
      manifest.layers = [layer]
      try await lock.check()
      try await client.put(manifest.document, as: Self.aliasPrefix + alias, to: repository)
      result = moved
    }
    // The tag for other tools follows; one that a killed mover left behind is put right here.
    if try await client.digest(of: alias, in: repository) != stored.digest {
      try await lock.check()
      try await client.put(stored, as: alias, to: repository)
    }
    guard let result else { preconditionFailure("alias '\(alias)' is neither old nor new") }
    return result
  }

  /// Removes versions that nothing needs. What killed publishers left has no tag, and is for the
  /// registry's own garbage collection.
  public func collect(_ retention: Retention, dryRun: Bool) async throws -> CollectedGarbage {
    var garbage = CollectedGarbage()
    let all = if let names = retention.names { names.sorted() } else { try await names() }
    for name in all {
      let repository = try repository(of: name)
      let found = retention.removable(
        try await versions(of: name), aliases: try await aliases(of: name))
      guard !dryRun, !found.isEmpty else {
        garbage.versions += found.map { "\(name)@\($0)" }
        continue
      }
      for number in found {
        let isRemoved = try await withLock(on: name) { [self] lock in
          let removable = retention.removable(
            try await versions(of: name), aliases: try await aliases(of: name))
          guard removable.contains(number) else { return false }
          let digest = try await stored(name, number).digest
          let index = try await client.digest(of: fallbackTag(digest), in: repository)
          try await lock.check()
          try await client.remove(digest, of: repository)
          if let index { try await client.remove(index, of: repository) }
          return true
        }
        if isRemoved { garbage.versions.append("\(name)@\(number)") }
      }
    }
    return garbage
  }

  /// Works under the lock of a model, again from the beginning when the lock is lost.
  func withLock<Result>(
    on name: String, _ work: (OCILock) async throws -> Result
  ) async throws -> Result {
    let repository = try repository(of: name)
    for _ in 0..<20 {
      let lock = try await OCILock.acquire(client, repository, timing)
      do {
        let result = try await work(lock)
        await lock.release()
        return result
      } catch is LostLock {
        await lock.release()
      } catch {
        await lock.release()
        throw error
      }
    }
    throw RegistryError.store(
      location: "\(location)/\(name)",
      reason: "the registry is too slow to be changed safely; "
        + "try again", .environment)
  }

  /// The number of a version that has a manifest.
  private func number(
    of digest: String, _ name: String, _ tags: [String]
  ) async throws -> Int? {
    let repository = try repository(of: name)
    var found: Int?
    for number in tags.compactMap({ Registry.version(spelledBy: $0) }) {
      let key = "\(repository):\(number)"
      var held = known.withLock { $0[key] }
      if held == nil {
        let fresh = try await client.digest(of: String(number), in: repository)
        known.withLock { $0[key] = fresh }
        held = fresh
      }
      if held == digest { found = max(found ?? 0, number) }
    }
    return found
  }

  private func freeNumber(_ name: String, _ tags: [String]) async throws -> Int {
    let present = tags.compactMap { Registry.version(spelledBy: $0) }
    let remembered = try await aliases(of: name, tags).flatMap { $0.history + [$0.target] }
      .map(\.version)
    return (present + remembered).reduce(0, max) + 1
  }
}
