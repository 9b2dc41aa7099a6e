internal import Diagnostics
internal import Registry
internal import Storage
internal import Telemetry
internal import Transport

/// Finds credentials where AWS tools look for them, and renews those that end.
///
/// In order: keys in the environment, a web identity (as Kubernetes gives service accounts on EKS), a
/// profile of the shared files, a container's service (ECS, EKS Pod Identity), and the instance's
/// metadata service. None of it comes from arguments, and no message shows a secret.
package actor CredentialChain {
  private let environment: [String: String]
  private let region: String
  private var found: AWSCredentials?

  /// - Parameter region: Where temporary credentials are asked for.
  package init(environment: [String: String], region: String) {
    (self.environment, self.region) = (environment, region)
  }

  /// Credentials that are good for some minutes more.
  package func credentials() async throws -> AWSCredentials {
    if let found, found.isFresh(at: currentTime()) { return found }
    let fresh = try await find()
    found = fresh
    return fresh
  }

  private func find() async throws -> AWSCredentials {
    if let key = value("AWS_ACCESS_KEY_ID"), let secret = value("AWS_SECRET_ACCESS_KEY") {
      return AWSCredentials(
        accessKey: key, secretKey: secret, sessionToken: value("AWS_SESSION_TOKEN"))
    }
    if let file = value("AWS_WEB_IDENTITY_TOKEN_FILE"), let role = value("AWS_ROLE_ARN") {
      return try await WebIdentity(
        tokenFile: file, role: role, session: value("AWS_ROLE_SESSION_NAME"), region: region,
        environment: environment
      ).credentials()
    }
    if let found = try await profile() { return found }
    if let service = try ContainerService(environment: environment) {
      return try await service.credentials()
    }
    if value("AWS_EC2_METADATA_DISABLED")?.lowercased() != "true",
      let found = try await InstanceMetadata(environment: environment).credentials()
    {
      return found
    }
    throw RegistryError.store(
      location: "s3",
      reason: "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or "
        + "run where a web identity, a container or an instance provides them", .invalidInput)
  }

  private func profile() async throws -> AWSCredentials? {
    let profile = try SharedProfile(environment: environment)
    if let key = profile["aws_access_key_id"], let secret = profile["aws_secret_access_key"] {
      return AWSCredentials(
        accessKey: key, secretKey: secret, sessionToken: profile["aws_session_token"])
    }
    if let file = profile["web_identity_token_file"], let role = profile["role_arn"] {
      return try await WebIdentity(
        tokenFile: file, role: role, session: profile["role_session_name"], region: region,
        environment: environment
      ).credentials()
    }
    for key in [
      "source_profile", "credential_source", "credential_process", "sso_session", "sso_start_url",
    ]
    where profile[key] != nil {
      throw RegistryError.store(
        location: "s3",
        reason: "profile '\(profile.name)' gets its credentials by \(key), which is not supported; "
          + "use `aws configure export-credentials` to put them into the environment",
        .invalidInput)
    }
    return nil
  }

  private func value(_ name: String) -> String? {
    environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}
