import Companions
import Diagnostics
import Foundation
import Registry
import RemoteRegistry
import Storage
import Synchronization
import Testing

/// How S3 is asked, seen from a server that fails on purpose.
@Suite struct S3RequestTests {
  private func client(
    _ server: StandInServer, _ more: [String: String] = [:]
  ) throws -> S3Client {
    let environment = [
      "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "HOME": "/nowhere",
      "AWS_ENDPOINT_URL_S3": server.url,
    ]
    return try S3Client(
      S3Configuration(
        location: "s3://models/reg", environment: environment.merging(more) { $1 }))
  }

  /// Answers by the number of the request.
  private func server(
    _ answers: [StandInAnswer]
  ) async throws -> StandInServer {
    let rest = Mutex(answers)
    return try await StandInServer { _ in
      rest.withLock { $0.isEmpty ? .text("", status: 500) : $0.removeFirst() }
    }
  }

  @Test func `failures of the server are repeated, each with a fresh signature`() async throws {
    let server = try await server([
      .text("<Error><Code>SlowDown</Code></Error>", status: 503), .text("", status: 500),
      StandInAnswer(status: 200, headers: [("etag", "\"x\"")], body: [7]),
    ])
    let found = try await client(server).get("reg/a b/ü", limit: 10)
    #expect(found?.bytes == [7] && found?.etag == "\"x\"")
    #expect(server.seen.count == 3)
    #expect(server.seen[0].path == "/models/reg/a%20b/%C3%BC")
    #expect(
      server.seen[0].headers["authorization"]?.hasPrefix("AWS4-HMAC-SHA256 Credential=key/") == true
    )
    #expect(server.seen[0].headers["authorization"]?.contains("secret") == false)
  }

  @Test func `a write that was carried out but not answered is known for our own`() async throws {
    // The first answer never arrives; the second says that the condition does not hold any more.
    let server = try await server([
      StandInAnswer(status: 200, body: [1], breaksAfter: 0), .text("", status: 412),
    ])
    #expect(try await client(server).put("reg/x", [1, 2], .absent) == .lost)
    #expect(server.seen.map { $0.headers["if-none-match"] } == ["*", "*"])
    #expect(
      server.seen[0].headers["x-amz-checksum-sha256"]
        == "oShx/uIQ+4YZKR6uoZRYHL0lMeSyN1nSJfaAaSP2MiI=")
  }

  @Test func `writers that meet are sent again, up to a limit`() async throws {
    let meet = StandInAnswer.text(
      "<Error><Code>ConditionalRequestConflict</Code></Error>", status: 409)
    let server = try await server([meet, meet, StandInAnswer(status: 200)])
    #expect(try await client(server).put("reg/x", [1], .matches("\"e\"")) == .written)
    #expect(server.seen.count == 3 && server.seen[2].headers["if-match"] == "\"e\"")
  }

  @Test func `virtual hosts have the bucket in the name and not in the path`() async throws {
    let server = try await server([StandInAnswer(status: 200)])
    let port = server.port
    let client = try client(
      server,
      [
        "AWS_ENDPOINT_URL_S3": "http://localhost:\(port)", "AUTOPILOT_S3_ADDRESSING": "virtual",
        "no_proxy": "*",
      ])
    #expect(client.configuration.endpoint.authority == "models.localhost:\(port)")
    let plain = try S3Configuration(
      location: "s3://models/reg", environment: ["AWS_REGION": "eu-west-1", "HOME": "/nowhere"])
    #expect(plain.endpoint.text == "https://models.s3.eu-west-1.amazonaws.com")
    #expect(!plain.isPathStyle)
    let dotted = try S3Configuration(
      location: "s3://a.b.c/reg", environment: ["HOME": "/nowhere"])
    #expect(dotted.isPathStyle && dotted.endpoint.text == "https://s3.us-east-1.amazonaws.com")
  }

  @Test func `lists are read page by page, entities and all`() async throws {
    func page(_ keys: [String], next: String?) -> StandInAnswer {
      let contents = keys.map {
        "<Contents><Key>\($0)</Key><Size>1</Size><ETag>&quot;e&quot;</ETag>"
          + "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
      }.joined()
      let rest =
        next.map {
          "<IsTruncated>true</IsTruncated><NextContinuationToken>\($0)</NextContinuationToken>"
        }
        ?? "<IsTruncated>false</IsTruncated>"
      return .text(
        "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"x\">\(contents)\(rest)</ListBucketResult>"
      )
    }
    let server = try await server([
      page(["reg/a&amp;b", "reg/&#252;"], next: "t/+="), page(["reg/z"], next: nil),
    ])
    let objects = try await client(server).list("reg/")
    #expect(objects.map(\.key) == ["reg/a&b", "reg/ü", "reg/z"])
    #expect(objects[0].etag == "\"e\"" && objects[0].modified != nil)
    #expect(server.seen[1].parameters["continuation-token"] == "t/+=")
    #expect(server.seen[0].parameters["prefix"] == "reg/")
  }

  @Test func `an object larger than its manifest says is not read to its end`() async throws {
    let server = try await server([
      StandInAnswer(status: 200, body: [UInt8](repeating: 0, count: 200_000))
    ])
    let error = await diagnosed { _ = try await client(server).get("reg/x", limit: 1000) }
    #expect(error?.description.contains("larger than") == true)
  }

  @Test(arguments: [
    ("s3://", 64), ("s3://ab", 64), ("s3://Models/x", 64), ("s3://models//x", 64),
    ("s3://models/../x", 64),
  ])
  func `locations that are none are usage errors`(text: String, code: Int32) async {
    let error = await diagnosed { _ = try S3Store(location: text, environment: [:]) }
    #expect(error?.kind.rawValue == code)
  }
}
