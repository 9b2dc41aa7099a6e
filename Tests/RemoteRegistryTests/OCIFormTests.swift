import Companions
import Diagnostics
import Registry
import RemoteRegistry
import Testing

@Suite struct OCIFormTests {
  @Test(arguments: [
    ("registry:3", "oci://registry:3", "https://registry:3", ""),
    ("ghcr.io/acme/models", "oci://ghcr.io/acme/models", "https://ghcr.io", "acme/models/"),
    ("127.0.0.1:5000/a/", "oci://127.0.0.1:5000/a", "http://127.0.0.1:5000", "a/"),
  ])
  func `locations name a server and a repository`(
    text: String, location: String, endpoint: String, prefix: String
  ) throws {
    let configuration = try OCIConfiguration(location: "oci://\(text)", environment: [:])
    #expect(configuration.location == location)
    #expect(configuration.endpoint.text == endpoint && configuration.prefix == prefix)
  }

  @Test func `plain http to another host has to be asked for`() throws {
    let plain = try OCIConfiguration(location: "oci+http://registry:5000/m", environment: [:])
    #expect(plain.endpoint.text == "http://registry:5000")
    #expect(plain.location == "oci+http://registry:5000/m")
  }

  @Test(arguments: [
    "oci://", "oci:///x", "oci://h/A", "oci://h/a//b", "oci://u:p@h/a", "oci://h/a..b",
  ])
  func `other texts are usage errors`(text: String) async {
    let error = await diagnosed {
      _ = try OCIConfiguration(location: text, environment: [:])
    }
    #expect(error?.kind == .usage)
  }

  @Test func `challenges are understood`() {
    #expect(
      OCIAuthorization.parameters("realm=\"https://auth/token\",service=\"reg, a\", scope=\"x:y\"")
        == ["realm": "https://auth/token", "service": "reg, a", "scope": "x:y"])
    #expect(
      OCIAuthorization.parameters("realm=plain,error=none") == ["realm": "plain", "error": "none"])
  }

  @Test func `a token is fetched where the registry says, kept, and used`() async throws {
    let authority = try await StandInServer { request in
      request.headers["authorization"] == "Basic YW5uOnMzY3JldA=="
        ? .text("{\"token\": \"t0ken\", \"expires_in\": 300}") : .text("{}", status: 401)
    }
    let registry = try await StandInServer { request in
      guard request.headers["authorization"] == "Bearer t0ken" else {
        return StandInAnswer(
          status: 401,
          headers: [
            ("www-authenticate", "Bearer realm=\"\(authority.url)/token\",service=\"reg\"")
          ])
      }
      return .text("{\"name\": \"a/m\", \"tags\": [\"1\", \"_lock\"]}")
    }
    let location = "oci://127.0.0.1:\(registry.port)/a"
    let store = try OCIStore(
      location: location,
      environment: ["AUTOPILOT_OCI_USERNAME": "ann", "AUTOPILOT_OCI_PASSWORD": "s3cret"])
    #expect(try await store.versions(of: "m") == [1])
    #expect(try await store.versions(of: "m") == [1])
    #expect(authority.seen.count == 1)
    #expect(authority.seen[0].parameters["scope"] == "repository:a/m:pull")
    #expect(authority.seen[0].parameters["service"] == "reg")
    let stranger = try OCIStore(
      location: location,
      environment: ["AUTOPILOT_OCI_USERNAME": "ann", "AUTOPILOT_OCI_PASSWORD": "wr0ng"])
    let error = await diagnosed { _ = try await stranger.versions(of: "m") }
    #expect(error?.kind == .invalidInput && error?.description.contains("wr0ng") == false)
  }

  @Test func `blobs may lie elsewhere, where credentials do not follow`() async throws {
    let storage = try await StandInServer { _ in StandInAnswer(status: 200, body: [1, 2, 3]) }
    let registry = try await StandInServer { request in
      request.headers["authorization"] == nil
        ? StandInAnswer(status: 401, headers: [("www-authenticate", "Basic realm=\"x\"")])
        : StandInAnswer(status: 307, headers: [("location", "\(storage.url)/blob?signature=x")])
    }
    let client = try OCIClient(
      OCIConfiguration(
        location: "oci://127.0.0.1:\(registry.port)",
        environment: ["AUTOPILOT_OCI_USERNAME": "ann", "AUTOPILOT_OCI_PASSWORD": "s3cret"]))
    #expect(try await client.blob("sha256:00", of: "m", limit: 10) == [1, 2, 3])
    #expect(storage.seen.count == 1 && storage.seen[0].headers["authorization"] == nil)
    #expect(storage.seen[0].parameters["signature"] == "x")
  }

  @Test func `lock times come from the environment within limits`() throws {
    let timing = try OCITiming(
      environment: ["AUTOPILOT_OCI_SETTLE": "2s", "AUTOPILOT_OCI_LEASE": "1m"])
    #expect(timing.settling == .seconds(2) && timing.lease == .seconds(60))
    #expect(throws: RegistryError.self) {
      try OCITiming(environment: ["AUTOPILOT_OCI_SETTLE": "1ms"])
    }
    #expect(throws: RegistryError.self) {
      try OCITiming(environment: ["AUTOPILOT_OCI_SETTLE": "10s"])
    }
  }
}
