/// Checks that paths stay below the artifact's folder on every system, and come in strictly
/// ascending order, so that none occurs twice and none is both a file and a folder.
///
/// - Throws: `RegistryError.unsafePath` with the first offender.
func checkPaths(of files: [ArtifactManifest.Entry], source: String) throws(RegistryError) {
  var previous = ""
  var paths: Set<String> = [ArtifactManifest.fileName]
  for file in files {
    func offence(_ reason: String) -> RegistryError {
      .unsafePath(file.path, source: source, reason: reason)
    }
    if let reason = defect(ofPath: file.path) { throw offence(reason) }
    guard paths.insert(file.path).inserted else {
      throw offence(
        file.path == ArtifactManifest.fileName ? "is the manifest's own" : "is listed twice")
    }
    guard previous.utf8.lexicographicallyPrecedes(file.path.utf8) else {
      throw offence("is out of order")
    }
    previous = file.path
  }
  for file in files {
    for folder in folders(above: file.path) where paths.contains(folder) {
      throw .unsafePath(
        file.path, source: source, reason: "lies below '\(folder)', which is a file")
    }
  }
}

/// The folders that a file lies in, outermost first: `a` and `a/b` for `a/b/c`.
func folders(above path: String) -> [String] {
  path.indices.filter { path[$0] == "/" }.map { String(path[..<$0]) }
}

/// What keeps a text from being the path of an artifact's file, if anything.
private func defect(ofPath path: String) -> String? {
  if path.isEmpty { return "is empty" }
  if path.utf8.first == 0x2F { return "is absolute" }
  if path.utf8.count > 1024 { return "is longer than 1024 bytes" }
  if path.utf8.contains(0x5C) { return "contains a backslash" }
  if path.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
    return "contains a control character"
  }
  if path == SignatureFiles.first || path == SignatureFiles.folder
    || path.hasPrefix("\(SignatureFiles.folder)/")
  {
    return "is reserved for signatures"
  }
  for part in path.split(separator: "/", omittingEmptySubsequences: false) {
    if part.isEmpty { return "has an empty part" }
    if part.utf8.count > 255 { return "has a part longer than 255 bytes" }
    if part == "." || part == ".." { return "has the part '\(part)'" }
  }
  return nil
}
