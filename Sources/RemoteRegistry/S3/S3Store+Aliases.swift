internal import Diagnostics
public import Registry
internal import Storage

extension S3Store {
  /// The longest time from looking whether a version stays to pointing an alias at it; collections
  /// wait for longer before they remove one.
  private static let patience = Duration.seconds(10)

  /// Points an alias at a version that was found complete, by comparing and swapping its file.
  @discardableResult
  public func setAlias(
    _ alias: String, of name: String, to version: Int, expecting: AliasExpectation
  ) async throws -> ModelAlias {
    try checkModelName(name)
    try checkAlias(alias)
    let loaded = try await load(VersionReference.number(version, of: name), trust: nil)
    return try await move(
      alias, of: name,
      to: ModelAlias.Target(version: version, digest: loaded.artifact.digest),
      expecting: expecting)
  }

  /// Moves an alias to a version that is known to be complete.
  @discardableResult
  func move(
    _ alias: String, of name: String, to target: ModelAlias.Target, expecting: AliasExpectation
  ) async throws -> ModelAlias {
    let key = aliasKey(alias, of: name)
    for attempt in 0..<1000 {
      let started = ContinuousClock.now
      try await refuseDoomed(target.version, of: name)
      let current = try await readAlias(alias, of: name)
      let found = current.map { AliasExpectation.version($0.alias.target.version) } ?? .absent
      guard expecting == .anything || expecting == found else {
        throw RegistryError.aliasConflict(
          model: "\(location)/\(name)", alias: alias, expected: expecting.description,
          found: found.description)
      }
      if let current, current.alias.target == target { return current.alias }
      let moved = ModelAlias.moved(alias, from: current?.alias, to: target)
      guard ContinuousClock.now - started < Self.patience else { continue }
      let outcome = try await client.put(
        key, moved.bytes, current.map { .matches($0.etag) } ?? .absent, type: "application/json")
      if outcome == .written { return moved }
      // A request that was sent twice may have won the first time.
      if let now = try await client.get(key, limit: ModelAlias.sizeLimit), now.bytes == moved.bytes
      {
        return moved
      }
      try await Task.sleep(for: .milliseconds(Int.random(in: 0...(20 * min(attempt + 1, 20)))))
    }
    throw RegistryError.store(
      location: location, reason: "too many writers of alias '\(alias)'; try again", .environment)
  }

  func doomKey(_ name: String, _ number: Int) -> String {
    "\(stagingFolder(of: name))\(number).removing"
  }

  private func refuseDoomed(_ number: Int, of name: String) async throws {
    guard try await !client.exists(doomKey(name, number)) else {
      throw RegistryError.store(
        location: client.place(folder(of: name, number)),
        reason: "is being removed by a collection; publish it again, or try later", .environment)
    }
  }
}
