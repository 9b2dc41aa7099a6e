public import Registry
internal import Storage
internal import Telemetry

extension S3Store {
  /// Removes versions that nothing needs, and what killed publishers left.
  ///
  /// A version that may go is marked first. Whoever moves an alias looks for the mark, so that after a
  /// pause no alias can come to point there that a second look at the aliases would not show. Then
  /// the manifest goes, which makes the version disappear, and the rest after it.
  public func collect(
    _ retention: Retention, dryRun: Bool
  ) async throws -> CollectedGarbage {
    var garbage = CollectedGarbage()
    var marked: [(name: String, version: Int)] = []
    for name in try await modelsWithStaging() where retention.covers(name) {
      let listing = try await listing(of: name, mayBeAbsent: true)
      let aliases = try await aliasesIfAny(of: name, listing)
      for number in retention.removable(Array(listing.manifests.keys), aliases: aliases) {
        marked.append((name, number))
      }
      try await collectLeftovers(of: name, listing, retention, dryRun, &garbage)
    }
    garbage.versions = marked.map { "\($0.name)@\($0.version)" }
    guard !dryRun, !marked.isEmpty else { return garbage }
    for (name, number) in marked {
      _ = try await client.put(doomKey(name, number), Array("{}\n".utf8), type: "application/json")
    }
    try await Task.sleep(for: retention.settling)
    garbage.versions = []
    for (name, number) in marked {
      let listing = try await listing(of: name, mayBeAbsent: true)
      let aliases = try await aliasesIfAny(of: name, listing)
      if retention.removable(Array(listing.manifests.keys), aliases: aliases).contains(number) {
        try await remove(number, of: name, listing.objects[number] ?? [])
        garbage.versions.append("\(name)@\(number)")
      }
      try await client.delete(doomKey(name, number))
    }
    return garbage
  }

  /// Removes a version, its manifest first.
  private func remove(_ number: Int, of name: String, _ objects: [S3Object]) async throws {
    try await client.delete(manifestKey(of: name, number))
    for object in objects where object.key != manifestKey(of: name, number) {
      try await client.delete(object.key)
    }
  }

  /// Names of models and of what is staged, the latter perhaps without any version yet.
  private func modelsWithStaging() async throws -> [String] {
    let staged = try await client.folders("\(prefix).staging/")
    let models = try await client.folders(prefix)
    return Set(models + staged).filter { (try? checkModelName($0)) != nil }.sorted()
  }

  private func aliasesIfAny(of name: String, _ listing: Listing) async throws -> [ModelAlias] {
    var found: [ModelAlias] = []
    for alias in listing.aliases {
      if let alias = try await readAlias(alias, of: name) { found.append(alias.alias) }
    }
    return found
  }

  /// Claims, marks, files without a manifest and unfinished uploads that nobody works on any more.
  private func collectLeftovers(
    of name: String, _ listing: Listing, _ retention: Retention, _ dryRun: Bool,
    _ garbage: inout CollectedGarbage
  ) async throws {
    let now = currentTime()
    func isOld(_ modified: Timestamp?) -> Bool {
      modified.map { (now - $0).milliseconds >= retention.grace.components.seconds * 1000 } ?? false
    }
    let folder = stagingFolder(of: name)
    let staged = try await client.list(folder)
    let stagedNumbers = staged.reduce(into: [Int: [S3Object]]()) { numbers, object in
      let file = object.key.dropFirst(folder.count)
      if let number = Registry.version(spelledBy: file.prefix { $0 != "." }) {
        numbers[number, default: []].append(object)
      }
    }
    var keys: [String] = []
    // A version's own claim goes with it, and so does the mark of a version that is gone.
    for (number, objects) in stagedNumbers where listing.manifests[number] != nil {
      keys += objects.filter { isOld($0.modified) || $0.key.hasSuffix(".json") }.map(\.key)
    }
    let open = Set(listing.objects.keys).union(stagedNumbers.keys)
      .filter { listing.manifests[$0] == nil }
    for number in open.sorted() {
      let objects = listing.objects[number] ?? []
      let marks = stagedNumbers[number] ?? []
      let wasMarked = marks.contains { $0.key.hasSuffix(".removing") }
      guard wasMarked || (objects + marks).allSatisfy({ isOld($0.modified) }) else { continue }
      // The claim last, so that the number stays taken while files are there.
      keys += (objects + marks).map(\.key)
    }
    for key in keys {
      garbage.leftovers.append(client.place(key))
      if !dryRun { try await client.delete(key) }
    }
    for upload in try await client.openUploads("\(prefix)\(name)/") where isOld(upload.begun) {
      garbage.leftovers.append("\(client.place(upload.key)) (unfinished upload)")
      if !dryRun { try await client.abandon(upload.key, upload: upload.id) }
    }
  }
}
