package import Registry
internal import Signing
internal import Storage

/// Media types of the OCI image and ModelPack specifications, and ours.
enum OCIMediaType {
  static let manifest = "application/vnd.oci.image.manifest.v1+json"
  static let index = "application/vnd.oci.image.index.v1+json"
  static let empty = "application/vnd.oci.empty.v1+json"
  static let model = "application/vnd.cncf.model.manifest.v1+json"
  static let modelConfig = "application/vnd.cncf.model.config.v1+json"
  static let weights = "application/vnd.cncf.model.weight.v1.raw"
  static let weightsConfig = "application/vnd.cncf.model.weight.config.v1.raw"
  static let document = "application/vnd.cncf.model.doc.v1.raw"
  static let alias = "application/vnd.autopilotops.alias.v1+json"
  static let lock = "application/vnd.autopilotops.lock.v1"
  static let signature = "application/vnd.dev.sigstore.bundle.v0.3+json"

  /// The type of a file of an artifact.
  static func ofFile(_ path: String) -> String {
    if path.hasSuffix(".safetensors") || path.hasSuffix(".onnx") { return weights }
    return path.hasSuffix(".md") ? document : weightsConfig
  }
}

/// A reference to content by its digest.
package struct OCIDescriptor: Sendable, Hashable {
  package var mediaType = OCIMediaType.empty
  /// `sha256:` and 64 hexadecimal digits.
  package var digest: String
  package var size: Int
  package var artifactType: String?
  package var annotations: [String: String] = [:]

  /// The content `{}`, which stands for none.
  package static let emptyContent = Array("{}".utf8)
  package static let empty = OCIDescriptor(
    digest: "sha256:\(SHA256Digest.hexadecimal(of: emptyContent))", size: emptyContent.count)

  package init(mediaType: String = OCIMediaType.empty, digest: String, size: Int) {
    (self.mediaType, self.digest, self.size) = (mediaType, digest, size)
  }

  init(_ document: JSONDocument) throws {
    mediaType = try document["mediaType"].string
    digest = try document["digest"].string
    size = try document["size"].integer
    artifactType = try document.optional("artifactType")?.string
    for (key, value) in try document.optional("annotations")?.members ?? [] {
      annotations[key] = try value.string
    }
    guard digest.hasPrefix("sha256:"), digest.utf8.count == 71, size >= 0 else {
      throw document.expected("a SHA-256 digest and a size")
    }
  }

  var json: JSONValue {
    var members: [String: JSONValue] = [
      "mediaType": .string(mediaType), "digest": .string(digest), "size": .integer(size),
    ]
    if let artifactType { members["artifactType"] = .string(artifactType) }
    if !annotations.isEmpty { members["annotations"] = texts(annotations) }
    return .object(members)
  }
}

/// A manifest of the image specification, as far as artifacts use it.
package struct OCIManifest: Sendable, Hashable {
  package var artifactType: String
  package var config = OCIDescriptor.empty
  package var layers: [OCIDescriptor] = [.empty]
  package var subject: OCIDescriptor?
  package var annotations: [String: String] = [:]

  package static let path = "org.cncf.model.filepath"
  package static let title = "org.opencontainers.image.title"

  package init(artifactType: String) { self.artifactType = artifactType }

  /// Reads a manifest.
  ///
  /// - Throws: `RegistryError.damagedRecord`.
  package init(_ stored: OCIDocument, source: String) throws {
    do {
      let document = JSONDocument(
        try JSONValue(parsing: stored.bytes, source: source), source: source)
      artifactType = try document.optional("artifactType")?.string ?? ""
      config = try OCIDescriptor(document["config"])
      layers = try document["layers"].elements.map { try OCIDescriptor($0) }
      subject = try document.optional("subject").map { try OCIDescriptor($0) }
      for (key, value) in try document.optional("annotations")?.members ?? [] {
        annotations[key] = try value.string
      }
    } catch let error as StorageError {
      throw RegistryError.damagedRecord(path: source, reason: "no OCI manifest (\(error))")
    }
  }

  /// The canonical bytes: equal manifests have equal digests.
  package var document: OCIDocument {
    var members: [String: JSONValue] = [
      "schemaVersion": 2, "mediaType": .string(OCIMediaType.manifest),
      "artifactType": .string(artifactType), "config": config.json,
      "layers": .array(layers.map(\.json)),
    ]
    if let subject { members["subject"] = subject.json }
    if !annotations.isEmpty { members["annotations"] = texts(annotations) }
    return OCIDocument(
      bytes: Array(JSONValue.object(members).text().utf8), mediaType: OCIMediaType.manifest)
  }

  /// The manifest of an artifact, with its own manifest as the first layer, and the content of its
  /// config. Both depend on the artifact alone.
  package static func model(_ artifact: Artifact) -> (manifest: OCIManifest, config: [UInt8]) {
    let own = ArtifactFile(path: ArtifactManifest.fileName, bytes: artifact.manifest.bytes)
    let layers = ([own] + artifact.files).map { file in
      var layer = OCIDescriptor(
        mediaType: OCIMediaType.ofFile(file.path),
        digest: "sha256:\(SHA256Digest.hexadecimal(of: file.bytes))", size: file.bytes.count)
      layer.annotations = [path: file.path, title: file.path]
      return layer
    }
    let config: JSONValue = [
      "descriptor": ["name": .string(artifact.manifest.name)],
      "modelfs": ["type": "layers", "diffIds": .array(layers.map { .string($0.digest) })],
      "config": ["format": "safetensors"],
    ]
    let bytes = Array(config.text().utf8)
    var manifest = OCIManifest(artifactType: OCIMediaType.model)
    manifest.config = OCIDescriptor(
      mediaType: OCIMediaType.modelConfig, digest: "sha256:\(SHA256Digest.hexadecimal(of: bytes))",
      size: bytes.count)
    manifest.layers = layers
    manifest.annotations = [title: artifact.manifest.name]
    return (manifest, bytes)
  }
}

private func texts(_ texts: [String: String]) -> JSONValue {
  .object(texts.mapValues(JSONValue.string))
}
