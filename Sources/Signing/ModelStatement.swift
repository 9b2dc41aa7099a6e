internal import Storage

/// What a signature says: a model consists of these files.
///
/// An in-toto statement with the predicate of the OpenSSF model-signing specification 1.0, which lists
/// every file with its SHA-256. The subject's digest is the SHA-256 over all of those in order.
public struct ModelStatement: Hashable, Sendable {
  static let type = "https://in-toto.io/Statement/v1"
  static let predicateType = "https://model_signing/signature/v1.0"
  /// Most files that a statement lists.
  static let countLimit = 20_000

  /// What the model is called.
  public let name: String
  /// SHA-256 of every file by its path, 64 hexadecimal digits each.
  public let files: [String: String]

  /// Makes a statement.
  public init(name: String, files: [String: String]) { (self.name, self.files) = (name, files) }

  /// The statement as JSON, files in the order that the specification's tool gives them.
  ///
  /// - Parameter ignored: Paths that are no part of the model: where signatures are.
  func json(ignoring ignored: [String]) -> JSONValue {
    let resources = files.sorted { precedes($0.key, $1.key) }
    return [
      "_type": .string(Self.type),
      "subject": [
        ["name": .string(name), "digest": ["sha256": .string(rootDigest(resources.map(\.value)))]]
      ],
      "predicateType": .string(Self.predicateType),
      "predicate": [
        "serialization": [
          "method": "files", "hash_type": "sha256", "allow_symlinks": false,
          "ignore_paths": .array(ignored.map(JSONValue.string)),
        ],
        "resources": .array(
          resources.map {
            ["name": .string($0.key), "algorithm": "sha256", "digest": .string($0.value)]
          }),
      ],
    ]
  }

  /// Reads a statement.
  ///
  /// - Throws: `StorageError` for another form, another digest than SHA-256 and files in parts.
  init(_ document: JSONDocument) throws {
    func check(_ place: JSONDocument, _ expected: String) throws {
      guard try place.string == expected else { throw place.expected("'\(expected)'") }
    }
    try check(document["_type"], Self.type)
    try check(document["predicateType"], Self.predicateType)
    let subjects = try document["subject"].elements
    guard subjects.count == 1 else { throw try document["subject"].expected("one subject") }
    name = try subjects[0]["name"].string
    let predicate = try document["predicate"]
    try check(predicate["serialization"]["method"], "files")
    try check(predicate["serialization"]["hash_type"], "sha256")
    let resources = try predicate["resources"].elements
    guard resources.count <= Self.countLimit else {
      throw try predicate["resources"].expected("at most \(Self.countLimit) files")
    }
    var files: [String: String] = [:]
    for resource in resources {
      try check(resource["algorithm"], "sha256")
      let digest = try resource["digest"].string
      guard bytes(ofHexadecimal: digest)?.count == 32 else {
        throw try resource["digest"].expected("64 hexadecimal digits")
      }
      guard files.updateValue(digest, forKey: try resource["name"].string) == nil else {
        throw try resource["name"].expected("a file that is not listed before")
      }
    }
    self.files = files
    let root = rootDigest(try resources.map { try $0["digest"].string })
    let stated = try subjects[0]["digest"]["sha256"]
    guard try stated.string == root else { throw stated.expected(root) }
  }
}

/// SHA-256 over digests in order.
private func rootDigest(_ digests: [String]) -> String {
  var digest = SHA256Digest()
  for text in digests { digest.update(bytes(ofHexadecimal: text) ?? []) }
  return digest.hexadecimal
}

/// The bytes that pairs of small hexadecimal digits stand for; nil for any other text.
func bytes(ofHexadecimal text: String) -> [UInt8]? {
  let digits = Array(text.utf8)
  guard digits.count.isMultiple(of: 2) else { return nil }
  func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }
  var bytes: [UInt8] = []
  for index in stride(from: 0, to: digits.count, by: 2) {
    guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
    bytes.append(high << 4 | low)
  }
  return bytes
}

/// Whether a path comes before another by its parts, one after the other.
private func precedes(_ one: String, _ other: String) -> Bool {
  let (one, other) = (one.split(separator: "/"), other.split(separator: "/"))
  for (a, b) in zip(one, other) where a != b {
    return a.utf8.lexicographicallyPrecedes(b.utf8)
  }
  return one.count < other.count
}
