internal import Diagnostics
internal import Registry
internal import Storage
internal import Telemetry
internal import Transport

/// Changes a token of another identity provider for temporary credentials
/// (STS `AssumeRoleWithWebIdentity`), as service accounts on EKS do.
struct WebIdentity: Sendable {
  let tokenFile: String
  let role: String
  let session: String?
  let region: String
  let environment: [String: String]

  func credentials() async throws -> AWSCredentials {
    // Read each time, since Kubernetes replaces it.
    let token = trimmedLine(try FileSystem.readFile(at: tokenFile, limit: 64 << 10))
    guard !token.isEmpty else {
      throw RegistryError.store(
        location: tokenFile, reason: "expected a web identity token", .invalidInput)
    }
    let endpoint =
      environment["AWS_ENDPOINT_URL_STS"] ?? environment["AWS_ENDPOINT_URL"]
      ?? "https://sts.\(region).amazonaws.com"
    let form = formEncoded([
      ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role),
      ("RoleSessionName", session ?? "autopilot"), ("WebIdentityToken", token),
    ])
    let address = try RemoteAddress(endpoint)
    let transport = try address.transport(environment: environment)
    let answer = try await transport.send(limit: 1 << 20) {
      HTTPRequest(
        "POST", "\(address.text)/",
        headers: [
          ("content-type", "application/x-www-form-urlencoded"), ("accept", "application/xml"),
        ], body: Array(form.utf8))
    }
    let text = String(decoding: answer.body, as: UTF8.self)
    guard answer.status == 200, let element = XMLText(text).elements("Credentials").first,
      let key = element.text("AccessKeyId"), let secret = element.text("SecretAccessKey"),
      let sessionToken = element.text("SessionToken")
    else {
      let reason = XMLText(text).text("Message") ?? "no credentials in the answer"
      throw RegistryError.store(
        location: address.text,
        reason: "refused to let role '\(role)' be assumed with HTTP \(answer.status): "
          + "\(sanitized(reason, hiding: [token])); check the role's trust policy and the token",
        .invalidInput)
    }
    return AWSCredentials(
      accessKey: key, secretKey: secret, sessionToken: sessionToken,
      expires: element.text("Expiration").flatMap { Timestamp(rfc3339: $0) })
  }
}

/// A small text without the blanks around it.
func trimmedLine(_ bytes: [UInt8]) -> String {
  let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
  let text = bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed()
  return String(decoding: Array(text), as: UTF8.self)
}
