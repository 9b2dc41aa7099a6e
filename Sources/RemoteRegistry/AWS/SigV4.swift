internal import Crypto
internal import Foundation
internal import Storage
package import Telemetry
internal import Transport

/// AWS Signature Version 4, as headers.
///
/// AWS, "Create a signed AWS API request": a canonical form of the request is hashed, and the hash
/// signed by a key derived from the secret for a day, a region and a service.
package struct SigV4: Sendable {
  package var region: String
  package var service: String

  /// Signs for a region and a service.
  package init(region: String, service: String) {
    (self.region, self.service) = (region, service)
  }

  /// A request as far as it is signed.
  package struct Request {
    package var method: String
    package var host: String
    /// The path, percent-encoded as it is sent.
    package var path: String
    /// The query's names and values, not encoded.
    package var query: [(name: String, value: String)] = []
    /// Further header fields, names in small letters; all of them are signed.
    package var headers: [(name: String, value: String)] = []
    /// SHA-256 of the body.
    package var payloadHash: String

    /// Describes a request.
    package init(
      method: String, host: String, path: String, query: [(name: String, value: String)] = [],
      headers: [(name: String, value: String)] = [], payloadHash: String
    ) {
      (self.method, self.host, self.path, self.query) = (method, host, path, query)
      (self.headers, self.payloadHash) = (headers, payloadHash)
    }
  }

  /// The query as it is sent and signed: encoded, in ascending order.
  package static func queryText(_ query: [(name: String, value: String)]) -> String {
    query.map { (percentEncoded($0.name), percentEncoded($0.value)) }
      .sorted { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1 < $1.1 }
      .map { "\($0.0)=\($0.1)" }.joined(separator: "&")
  }

  /// The header fields to send: those of the request, and those that authorise it.
  ///
  /// - Parameter namesPayload: Whether the body's hash is a header as well, which S3 wants.
  package func headers(
    _ request: Request, credentials: AWSCredentials, now: Timestamp, namesPayload: Bool = true
  ) -> [(name: String, value: String)] {
    let time = Self.timeText(now)
    var fields = request.headers + [("x-amz-date", time)]
    if namesPayload { fields.append(("x-amz-content-sha256", request.payloadHash)) }
    if let token = credentials.sessionToken { fields.append(("x-amz-security-token", token)) }
    let signed = (fields + [("host", request.host)])
      .map { ($0.name.lowercased(), $0.value.trimmingCharacters(in: .whitespaces)) }
      .sorted { $0.0 < $1.0 }
    let names = signed.map(\.0).joined(separator: ";")
    let canonical = [
      request.method, request.path, Self.queryText(request.query),
      signed.map { "\($0.0):\($0.1)\n" }.joined(), names, request.payloadHash,
    ].joined(separator: "\n")
    let day = String(time.prefix(8))
    let scope = "\(day)/\(region)/\(service)/aws4_request"
    let text =
      "AWS4-HMAC-SHA256\n\(time)\n\(scope)\n"
      + SHA256Digest.hexadecimal(of: Array(canonical.utf8))
    var key = Array("AWS4\(credentials.secretKey)".utf8)
    for part in [day, region, service, "aws4_request"] { key = hmac(key, part) }
    let signature = hmac(key, text).map { hexadecimal($0) }.joined()
    fields.append(
      (
        "authorization",
        "AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(names), "
          + "Signature=\(signature)"
      ))
    return fields
  }

  /// An instant such as `20150830T123600Z`.
  package static func timeText(_ instant: Timestamp) -> String {
    let text = Timestamp(seconds: instant.milliseconds / 1000).description
    return text.filter { $0 != "-" && $0 != ":" }
  }
}

private func hmac(_ key: [UInt8], _ text: String) -> [UInt8] {
  Array(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: key)))
}

private func hexadecimal(_ byte: UInt8) -> String {
  (byte < 16 ? "0" : "") + String(byte, radix: 16)
}
