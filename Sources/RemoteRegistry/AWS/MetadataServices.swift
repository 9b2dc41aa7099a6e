internal import Diagnostics
internal import Registry
internal import Storage
internal import Telemetry
internal import Transport

/// A service beside a container that hands out credentials (ECS, EKS Pod Identity).
struct ContainerService: Sendable {
  private let url: String
  private let environment: [String: String]

  /// Nil when the environment names none.
  ///
  /// - Throws: `RegistryError.store` for a place that such a service never is at.
  init?(environment: [String: String]) throws {
    self.environment = environment
    if let path = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"], !path.isEmpty {
      url = "http://169.254.170.2\(path)"
    } else if let full = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"], !full.isEmpty {
      let address = try RemoteAddress(full)
      let known = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "fd00:ec2::23"]
      guard address.scheme == "https" || isLoopback(address.host) || known.contains(address.host)
      else {
        throw RegistryError.store(
          location: address.text,
          reason: "AWS_CONTAINER_CREDENTIALS_FULL_URI is plain http to another host, which could "
            + "take the token", .invalidInput)
      }
      url = full
    } else {
      return nil
    }
  }

  func credentials() async throws -> AWSCredentials {
    var headers = [(name: "accept", value: "application/json")]
    if let file = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] {
      headers.append(
        ("authorization", trimmedLine(try FileSystem.readFile(at: file, limit: 64 << 10))))
    } else if let token = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] {
      headers.append(("authorization", token))
    }
    let transport = try RemoteAddress(url).transport(environment: environment, attempts: 3)
    let answer = try await transport.send(limit: 1 << 20, timeout: .seconds(5)) {
      HTTPRequest("GET", url, headers: headers)
    }
    return try credentialsInJSON(answer, from: withoutQuery(url))
  }
}

/// The metadata service of an EC2 instance, version 2.
struct InstanceMetadata: Sendable {
  let environment: [String: String]

  /// Nil when there is no such service, or it knows no role.
  func credentials() async throws -> AWSCredentials? {
    let base =
      environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"].flatMap { $0.isEmpty ? nil : $0 }
      ?? "http://169.254.169.254"
    let address = try RemoteAddress(base)
    let transport = try address.transport(
      environment: environment, attempts: 2, patience: .seconds(1))
    func get(
      _ method: String, _ path: String, _ headers: [(name: String, value: String)]
    ) async throws -> HTTPAnswer {
      try await transport.send(limit: 1 << 20, timeout: .seconds(2)) {
        HTTPRequest(method, address.text + path, headers: headers)
      }
    }
    let token: HTTPAnswer
    do {
      token = try await get(
        "PUT", "/latest/api/token", [("x-aws-ec2-metadata-token-ttl-seconds", "21600")])
    } catch TransportError.unavailable {
      return nil
    }
    guard token.status == 200 else { return nil }
    let headers = [
      (name: "x-aws-ec2-metadata-token", value: String(decoding: token.body, as: UTF8.self))
    ]
    let path = "/latest/meta-data/iam/security-credentials/"
    let roles = try await get("GET", path, headers)
    let role = trimmedLine(roles.body).split(whereSeparator: \.isNewline).first.map(String.init)
    guard roles.status == 200, let role else { return nil }
    return try credentialsInJSON(
      try await get("GET", path + percentEncoded(role), headers), from: address.text)
  }
}

/// Reads the answer that both services give.
private func credentialsInJSON(_ answer: HTTPAnswer, from source: String) throws -> AWSCredentials {
  guard answer.status == 200 else {
    throw RegistryError.store(
      location: source, reason: "gave no credentials (HTTP \(answer.status))", .environment)
  }
  do {
    let document = JSONDocument(try JSONValue(parsing: answer.body, source: source), source: source)
    return AWSCredentials(
      accessKey: try document["AccessKeyId"].string,
      secretKey: try document["SecretAccessKey"].string,
      sessionToken: try document["Token"].string,
      expires: try document.optional("Expiration").flatMap { Timestamp(rfc3339: try $0.string) })
  } catch is StorageError {
    throw RegistryError.store(
      location: source, reason: "answered with something else than credentials", .environment)
  }
}
