internal import Diagnostics
internal import Registry
internal import Transport

/// Where a bucket is and how it is addressed.
package struct S3Configuration: Sendable {
  package let bucket: String
  /// What every key begins with: nothing, or a path with a slash at the end.
  package let prefix: String
  package let region: String
  package let endpoint: RemoteAddress
  /// Whether the bucket is a part of the path rather than of the server's name.
  package let isPathStyle: Bool
  /// A file of certificates to trust instead of the system's.
  package let authorityFile: String?
  package let environment: [String: String]

  /// Reads `s3://bucket/prefix`; the rest is what the environment and the shared files say.
  ///
  /// - Throws: `RegistryError.invalidReference`, and what unusable settings throw.
  package init(location: String, environment: [String: String]) throws {
    let parts = location.dropFirst("s3://".count)
      .split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let bucket = parts.first ?? ""
    guard (3...63).contains(bucket.utf8.count),
      bucket.utf8.allSatisfy({
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
      })
    else {
      throw RegistryError.invalidReference(
        location, reason: "'\(bucket)' is no bucket: 3 to 63 of a-z, 0-9, '.' and '-'")
    }
    var folders = parts.dropFirst()
    while folders.last == "" { folders.removeLast() }
    guard folders.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
      throw RegistryError.invalidReference(
        location, reason: "has an empty part or dots in its path")
    }
    self.bucket = bucket
    prefix = folders.isEmpty ? "" : folders.joined(separator: "/") + "/"
    self.environment = environment
    let profile = try SharedProfile(environment: environment)
    func setting(_ names: [String], _ key: String) -> String? {
      names.compactMap { environment[$0] }.first { !$0.isEmpty } ?? profile[key]
    }
    region = setting(["AWS_REGION", "AWS_DEFAULT_REGION"], "region") ?? "us-east-1"
    authorityFile = setting(["AWS_CA_BUNDLE", "AUTOPILOT_CA_FILE"], "ca_bundle")
    let custom =
      setting(["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"], "s3.endpoint_url")
      ?? profile["endpoint_url"]
    let style = setting(["AUTOPILOT_S3_ADDRESSING"], "s3.addressing_style") ?? "auto"
    switch style {
    case "path": isPathStyle = true
    case "virtual": isPathStyle = false
    case "auto": isPathStyle = custom != nil || bucket.contains(".")
    default:
      throw RegistryError.store(
        location: location, reason: "addressing style '\(style)' is none of path, virtual and auto",
        .invalidInput)
    }
    let base = try RemoteAddress(custom ?? "https://s3.\(region).amazonaws.com")
    endpoint =
      isPathStyle
      ? base : RemoteAddress(scheme: base.scheme, host: "\(bucket).\(base.host)", port: base.port)
  }

  /// `s3://bucket/prefix`, without a slash at the end.
  package var location: String { "s3://\(bucket)\(prefix.isEmpty ? "" : "/\(prefix.dropLast())")" }
}
