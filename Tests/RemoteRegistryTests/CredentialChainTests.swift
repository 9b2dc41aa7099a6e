import Companions
import Diagnostics
import Foundation
import Registry
import RemoteRegistry
import Telemetry
import Testing

/// Where credentials are looked for, against servers on this machine.
@Suite struct CredentialChainTests {
  private let folder: TestFolder

  init() throws { folder = try TestFolder() }

  /// An environment without anybody's own credentials.
  private func environment(_ more: [String: String] = [:]) -> [String: String] {
    ["HOME": folder.path, "AWS_EC2_METADATA_DISABLED": "true"].merging(more) { $1 }
  }

  private func find(_ more: [String: String]) async throws -> AWSCredentials {
    try await CredentialChain(environment: environment(more), region: "eu-west-1").credentials()
  }

  @Test func `keys in the environment come first`() async throws {
    let found = try await find([
      "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B", "AWS_SESSION_TOKEN": "C",
      "AWS_PROFILE": "absent",
    ])
    #expect(found == AWSCredentials(accessKey: "A", secretKey: "B", sessionToken: "C"))
  }

  @Test func `profiles are read from both shared files, the first one first`() async throws {
    let credentials = try folder.write(
      "credentials",
      """
      # a comment
      [default]
      aws_access_key_id = D1
      aws_secret_access_key = D2
      [work]
      aws_access_key_id=W1
      aws_secret_access_key=W2=
      """)
    let config = try folder.write(
      "config",
      """
      [default]
      region = eu-north-1
      [profile work]
      region = us-west-2
      endpoint_url = http://127.0.0.1:9
      s3 =
        addressing_style = virtual
      [profile elsewhere]
      aws_access_key_id = E1
      aws_secret_access_key = E2
      [profile helper]
      credential_process = /bin/secret
      """)
    let files = ["AWS_SHARED_CREDENTIALS_FILE": credentials, "AWS_CONFIG_FILE": config]
    #expect(try await find(files).accessKey == "D1")
    let work = files.merging(["AWS_PROFILE": "work"]) { $1 }
    #expect(try await find(work) == AWSCredentials(accessKey: "W1", secretKey: "W2="))
    #expect(try await find(files.merging(["AWS_PROFILE": "elsewhere"]) { $1 }).accessKey == "E1")
    let settings = try S3Configuration(
      location: "s3://models/a/b/", environment: environment(work))
    #expect(settings.region == "us-west-2" && !settings.isPathStyle)
    #expect(settings.endpoint.text == "http://models.127.0.0.1:9" && settings.prefix == "a/b/")
    let absent = await diagnosed {
      _ = try await find(files.merging(["AWS_PROFILE": "none"]) { $1 })
    }
    #expect(absent?.description.contains("no profile 'none'") == true)
    let helper = await diagnosed {
      _ = try await find(files.merging(["AWS_PROFILE": "helper"]) { $1 })
    }
    #expect(helper?.description.contains("credential_process, which is not supported") == true)
  }

  private static func sts(expiring: String) -> StandInAnswer {
    .text(
      """
      <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
      <AssumeRoleWithWebIdentityResult><Credentials><SessionToken>T&amp;3</SessionToken>
      <SecretAccessKey>S2</SecretAccessKey><Expiration>\(expiring)</Expiration>
      <AccessKeyId>ASIA1</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>
      </AssumeRoleWithWebIdentityResponse>
      """)
  }

  @Test func `a web identity is changed for a role's keys, and again before those end`()
    async throws
  {
    let server = try await StandInServer { _ in Self.sts(expiring: "2000-01-01T00:00:00Z") }
    let token = try folder.write("token", "first\n")
    let chain = CredentialChain(
      environment: environment([
        "AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": "arn:aws:iam::1:role/scorer",
        "AWS_ROLE_SESSION_NAME": "pod", "AWS_ENDPOINT_URL_STS": server.url,
      ]), region: "eu-west-1")
    let found = try await chain.credentials()
    #expect(found.accessKey == "ASIA1" && found.secretKey == "S2" && found.sessionToken == "T&3")
    _ = try folder.write("token", "second\n")
    _ = try await chain.credentials()
    #expect(server.seen.map { $0.parameters["WebIdentityToken"] } == ["first", "second"])
    #expect(server.seen[0].parameters["RoleArn"] == "arn:aws:iam::1:role/scorer")
    #expect(server.seen[0].parameters["Action"] == "AssumeRoleWithWebIdentity")
    #expect(server.seen[0].method == "POST")
  }

  @Test func `keys that are good for long are asked for once`() async throws {
    let server = try await StandInServer { _ in Self.sts(expiring: "9999-01-01T00:00:00Z") }
    let chain = CredentialChain(
      environment: environment([
        "AWS_WEB_IDENTITY_TOKEN_FILE": try folder.write("token", "t"), "AWS_ROLE_ARN": "arn",
        "AWS_ENDPOINT_URL_STS": server.url,
      ]), region: "eu-west-1")
    for _ in 0..<3 { _ = try await chain.credentials() }
    #expect(server.seen.count == 1)
  }

  @Test func `a refused role says so, without the token`() async throws {
    let server = try await StandInServer { _ in
      .text(
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no trust for s3cret</Message>"
          + "</Error></ErrorResponse>", status: 403)
    }
    let error = await diagnosed {
      _ = try await find([
        "AWS_WEB_IDENTITY_TOKEN_FILE": try folder.write("token", "s3cret"),
        "AWS_ROLE_ARN": "arn:x", "AWS_ENDPOINT_URL_STS": server.url,
      ])
    }
    #expect(error?.kind == .invalidInput)
    #expect(error?.description.contains("no trust for …") == true)
    #expect(error?.description.contains("s3cret") == false)
  }

  @Test func `a container's service is asked with its token`() async throws {
    let server = try await StandInServer { _ in
      .text(
        "{\"AccessKeyId\":\"C1\",\"SecretAccessKey\":\"C2\",\"Token\":\"C3\","
          + "\"Expiration\":\"9999-01-01T00:00:00Z\"}")
    }
    let found = try await find([
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.url)/v1/credentials",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": try folder.write("auth", "Bearer x\n"),
    ])
    #expect(found.accessKey == "C1" && found.sessionToken == "C3")
    #expect(server.seen[0].path == "/v1/credentials")
    #expect(server.seen[0].headers["authorization"] == "Bearer x")
    let elsewhere = await diagnosed {
      _ = try await find([
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.org/v1",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "x",
      ])
    }
    #expect(elsewhere?.description.contains("plain http to another host") == true)
  }

  @Test func `an instance's metadata are read with a token, and no service is no error`()
    async throws
  {
    let server = try await StandInServer { request in
      switch (request.method, request.path) {
      case ("PUT", "/latest/api/token"): return .text("imds-token")
      case ("GET", "/latest/meta-data/iam/security-credentials/"): return .text("role-a\n")
      case ("GET", "/latest/meta-data/iam/security-credentials/role-a"):
        return .text(
          "{\"AccessKeyId\":\"I1\",\"SecretAccessKey\":\"I2\",\"Token\":\"I3\","
            + "\"Expiration\":\"9999-01-01T00:00:00Z\"}")
      default: return .text("", status: 404)
      }
    }
    let found = try await find([
      "AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url,
    ])
    #expect(found.accessKey == "I1")
    #expect(server.seen[0].headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600")
    #expect(
      server.seen.dropFirst().allSatisfy { $0.headers["x-aws-ec2-metadata-token"] == "imds-token" })
    let port = try await closedPort()
    let none = await diagnosed {
      _ = try await find([
        "AWS_EC2_METADATA_DISABLED": "false",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:\(port)",
      ])
    }
    #expect(none?.description.contains("no credentials: set AWS_ACCESS_KEY_ID") == true)
  }
}
