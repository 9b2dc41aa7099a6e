internal import Registry
internal import Transport

/// Where an OCI registry is, and below which repository its models are.
package struct OCIConfiguration: Sendable {
  /// The registry's address.
  package let endpoint: RemoteAddress
  /// What every repository begins with: nothing, or a path with a slash at the end.
  package let prefix: String
  /// The location as it is written in references.
  package let location: String
  /// A file of certificates to trust instead of the system's.
  package let authorityFile: String?
  package let environment: [String: String]

  /// Reads `oci://host/repository`, or `oci+http://` for plain HTTP, which this machine gets anyway.
  ///
  /// - Throws: `RegistryError.invalidReference`.
  package init(location: String, environment: [String: String]) throws {
    let isPlain = location.hasPrefix("oci+http://")
    let rest = location.dropFirst(isPlain ? "oci+http://".count : "oci://".count)
    var parts = rest.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let authority = parts.removeFirst()
    while parts.last == "" { parts.removeLast() }
    guard !authority.isEmpty, !authority.contains("@"), parts.allSatisfy(Self.isComponent) else {
      throw RegistryError.invalidReference(
        location,
        reason:
          "expected oci://host/repository, whose parts are small letters and digits with '.', "
          + "'_' or '-' between them")
    }
    let secure = try RemoteAddress("https://\(authority)")
    endpoint =
      isPlain || isLoopback(secure.host) ? try RemoteAddress("http://\(authority)") : secure
    prefix = parts.isEmpty ? "" : parts.joined(separator: "/") + "/"
    self.location =
      (isPlain ? "oci+http://" : "oci://") + ([authority] + parts).joined(separator: "/")
    authorityFile = environment["AUTOPILOT_CA_FILE"].flatMap { $0.isEmpty ? nil : $0 }
    self.environment = environment
  }

  /// Whether a text can be a part of a repository's name (OCI distribution specification).
  package static func isComponent(_ text: String) -> Bool {
    func isWord(_ byte: UInt8) -> Bool {
      (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last, isWord(first), isWord(last) else {
      return false
    }
    var separators: [UInt8] = []
    for byte in bytes {
      if isWord(byte) {
        separators = []
      } else {
        guard [0x2E, 0x5F, 0x2D].contains(byte) else { return false }
        separators.append(byte)
        let dashes = separators.allSatisfy { $0 == 0x2D }
        guard separators.count == 1 || dashes || separators == [0x5F, 0x5F] else { return false }
      }
    }
    return true
  }
}
