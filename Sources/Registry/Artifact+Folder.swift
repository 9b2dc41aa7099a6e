public import Signing
internal import Storage

extension Artifact {
  /// Reads an artifact's folder and checks every byte of it.
  ///
  /// The manifest is read first, then exactly the files it lists, each bounded by its stated size.
  /// Links, unlisted files and anything that does not match the manifest are refused before any
  /// content is handed out, so that no parser ever sees bytes that nobody vouches for.
  ///
  /// - Throws: `RegistryError`; `StorageError` when the system fails.
  public static func load(directory: String) throws -> Artifact {
    try SignedArtifact(directory: directory, trust: nil).artifact
  }

  /// Whether a folder is an artifact's, in whatever state.
  public static func exists(in directory: String) -> Bool {
    FileSystem.item(at: path(directory, ArtifactManifest.fileName)) != nil
  }

  /// The artifact that a manifest describes, read and checked.
  static func load(_ manifest: ArtifactManifest, directory: String) throws -> Artifact {
    try refuseUnlisted(in: directory, below: "", listed: Listing(manifest))
    let files = try manifest.files.map { entry in
      ArtifactFile(path: entry.path, bytes: try verifiedBytes(of: entry, in: directory))
    }
    return Artifact(manifest: manifest, verified: files)
  }

  /// The paths that may occur in an artifact's folder.
  private struct Listing {
    var files: Set<String> = [ArtifactManifest.fileName, SignatureFiles.first]
    var folders: Set<String> = [SignatureFiles.folder]

    init(_ manifest: ArtifactManifest) {
      files.formUnion(manifest.files.map(\.path))
      folders.formUnion(manifest.files.flatMap { Registry.folders(above: $0.path) })
    }
  }

  /// Looks at everything in a folder and refuses what the manifest does not list.
  private static func refuseUnlisted(
    in root: String, below prefix: String, listed: Listing
  ) throws {
    for name in try FileSystem.contents(of: path(root, prefix)) {
      let relative = prefix + name
      let full = path(root, relative)
      switch FileSystem.item(at: full) {
      case .link: throw RegistryError.irregularEntry(path: full, found: "a symbolic link")
      case .other:
        throw RegistryError.irregularEntry(path: full, found: "a device, pipe or socket")
      case .folder where listed.folders.contains(relative):
        try refuseUnlisted(in: root, below: "\(relative)/", listed: listed)
      case .folder where listed.files.contains(relative):
        throw RegistryError.irregularEntry(path: full, found: "a folder in a file's place")
      case .file where listed.files.contains(relative), nil: continue
      case .file where SignatureFiles.isSignature(relative): continue
      case .file, .folder: throw RegistryError.unlistedEntry(path: full)
      }
    }
  }

  private static func verifiedBytes(
    of entry: ArtifactManifest.Entry, in directory: String
  ) throws -> [UInt8] {
    let file = path(directory, entry.path)
    let bytes: [UInt8]
    do throws(StorageError) {
      bytes = try FileSystem.readFile(at: file, limit: entry.size)
    } catch {
      switch error {
      case .notFound: throw RegistryError.missingFile(path: file)
      case .tooLarge:
        throw RegistryError.sizeMismatch(
          path: file, expected: entry.size, found: "more than \(entry.size) bytes")
      default: throw error
      }
    }
    guard bytes.count == entry.size else {
      throw RegistryError.sizeMismatch(
        path: file, expected: entry.size, found: "\(bytes.count) bytes")
    }
    let digest = SHA256Digest.hexadecimal(of: bytes)
    guard digest == entry.sha256 else {
      throw RegistryError.digestMismatch(path: file, expected: entry.sha256, found: digest)
    }
    return bytes
  }

  /// Writes the artifact as a folder that appears complete or not at all.
  ///
  /// The files are prepared in `.staging` beside the folder, under a lock on the folder above, and
  /// reach the disk before the folder gets its name. A folder that holds this very artifact is
  /// left as it is.
  ///
  /// - Parameters:
  ///   - directory: The folder to create.
  ///   - signatures: Written beside the files.
  ///   - replacing: Whether another artifact may be removed first. A process killed between the
  ///     removal and the renaming leaves neither of the two; the folder then does not load.
  /// - Throws: `RegistryError.occupied` when something else is there; `StorageError` when the
  ///   system fails.
  public func write(
    to directory: String, signatures: [SignatureBundle] = [], replacing: Bool = false
  ) throws {
    let (parent, name) = try splitFolder(directory)
    let area = try StagingArea(root: parent, wait: true)
    defer { area.close() }
    let target = path(parent, name)
    try Self.refuseRegistry(around: directory)
    let isTaken = FileSystem.item(at: target) != nil
    if isTaken, try holdsThis(target, mayReplace: replacing) {
      return try Self.add(signatures, to: name, in: area)
    }
    try stage(as: name, in: area, signatures: signatures)
    if isTaken { try Self.removeFolder(target) }
    try area.commit(name, to: name)
  }

  /// Makes sure that a folder does not lie in a registry, before work is done for an artifact there.
  ///
  /// - Throws: `RegistryError.occupied`.
  public static func refuseRegistry(around directory: String) throws {
    let (parent, _) = try splitFolder(directory)
    guard FileSystem.item(at: path(parent, DirectoryRegistry.aliasFolder)) == nil else {
      throw RegistryError.occupied(
        path: directory,
        reason: "lies in a registry, whose versions never change; choose another "
          + "folder and publish from there")
    }
  }

  /// Adds signatures to an artifact's folder in a staging area's root.
  static func add(
    _ signatures: [SignatureBundle], to folder: String, in area: StagingArea
  ) throws {
    guard !signatures.isEmpty else { return }
    let existing = try SignatureFiles.read(directory: path(area.root, folder))
    for (place, bundle) in SignatureFiles.places(for: signatures, beside: existing) {
      try FileSystem.writeFileAtomically(bundle.bytes, to: area.path(for: "signature"))
      try area.commit("signature", to: "\(folder)/\(place)")
    }
  }

  /// Makes the artifact's folder in a staging area.
  func stage(
    as name: String, in area: StagingArea, signatures: [SignatureBundle]
  ) throws {
    let folder = try area.path(for: name)
    try FileSystem.createDirectories(at: folder)
    for file in files {
      if let parent = folders(above: file.path).last {
        try FileSystem.createDirectories(at: path(folder, parent))
      }
      try FileSystem.writeFileAtomically(file.bytes, to: path(folder, file.path))
    }
    for (place, bundle) in SignatureFiles.places(for: signatures, beside: [:]) {
      if let parent = folders(above: place).last {
        try FileSystem.createDirectories(at: path(folder, parent))
      }
      try FileSystem.writeFileAtomically(bundle.bytes, to: path(folder, place))
    }
    try FileSystem.writeFileAtomically(
      manifest.bytes, to: path(folder, ArtifactManifest.fileName))
  }

  /// Whether what exists at a path is this artifact; otherwise makes sure that it may be replaced.
  private func holdsThis(_ directory: String, mayReplace: Bool) throws -> Bool {
    guard FileSystem.item(at: directory) == .folder else {
      throw RegistryError.occupied(
        path: directory, reason: "is no folder; choose another folder")
    }
    if try FileSystem.contents(of: directory).isEmpty { return false }
    guard FileSystem.item(at: path(directory, ArtifactManifest.fileName)) == .file else {
      throw RegistryError.occupied(
        path: directory, reason: "holds something that is no artifact; choose another folder")
    }
    do {
      if try Artifact.load(directory: directory) == self { return true }
    } catch is RegistryError {
      // Damaged or of a newer program: another artifact in any case.
    }
    guard mayReplace else {
      throw RegistryError.occupied(
        path: directory, reason: "holds another artifact; choose another folder or allow replacing")
    }
    return false
  }

  /// Removes an artifact, its manifest last, so that a rest is still known for what it was.
  private static func removeFolder(_ directory: String) throws {
    for name in try FileSystem.contents(of: directory) where name != ArtifactManifest.fileName {
      try FileSystem.removeTree(at: path(directory, name))
    }
    try FileSystem.removeTree(at: directory)
  }
}

extension ArtifactManifest {
  /// Reads the manifest of an artifact's folder; the files are not looked at.
  ///
  /// - Throws: `RegistryError.notAnArtifact` when there is none, other cases when it is damaged;
  ///   `StorageError` when the system fails.
  public static func read(directory: String) throws -> ArtifactManifest {
    try ArtifactManifest(
      parsing: bytes(directory: directory), source: path(directory, fileName))
  }

  /// The stored bytes of the manifest of an artifact's folder.
  static func bytes(directory: String) throws -> [UInt8] {
    let file = path(directory, fileName)
    switch FileSystem.item(at: file) {
    case nil: throw RegistryError.notAnArtifact(path: directory)
    case .link: throw RegistryError.irregularEntry(path: file, found: "a symbolic link")
    case .other:
      throw RegistryError.irregularEntry(path: file, found: "a device, pipe or socket")
    case .folder:
      throw RegistryError.irregularEntry(path: file, found: "a folder in a file's place")
    case .file: break
    }
    return try FileSystem.readFile(at: file, limit: sizeLimit)
  }
}

/// A path below a folder.
func path(_ folder: String, _ below: String) -> String {
  if below.isEmpty { return folder }
  return folder.hasSuffix("/") ? folder + below : "\(folder)/\(below)"
}

/// The folder above a folder, `.` when the path names none, and its own name.
///
/// - Throws: `RegistryError.occupied` for paths that cannot be created, such as `/` and `..`.
func splitFolder(_ folder: String) throws(RegistryError) -> (parent: String, name: String) {
  let trimmed = folder.utf8.reversed().drop { $0 == 0x2F }.reversed()
  let text = String(decoding: Array(trimmed), as: UTF8.self)
  let slash = text.lastIndex(of: "/")
  let name = slash.map { String(text[text.index(after: $0)...]) } ?? text
  guard !name.isEmpty, name != ".", name != ".." else {
    throw .occupied(path: folder, reason: "is no name for a new folder; choose another")
  }
  guard let slash else { return (".", name) }
  return (slash == text.startIndex ? "/" : String(text[..<slash]), name)
}
