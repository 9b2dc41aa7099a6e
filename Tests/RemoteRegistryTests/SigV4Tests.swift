import RemoteRegistry
import Telemetry
import Testing

/// The examples that AWS publishes for Signature Version 4.
@Suite struct SigV4Tests {
  private static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

  private func signature(
    _ signer: SigV4, _ request: SigV4.Request, _ credentials: AWSCredentials, at time: String,
    namesPayload: Bool = true
  ) throws -> (signature: String, signed: String) {
    let now = try #require(Timestamp(rfc3339: time))
    let fields = signer.headers(
      request, credentials: credentials, now: now, namesPayload: namesPayload)
    let field = try #require(fields.first { $0.name == "authorization" }?.value)
    let parts = field.split(separator: ", ")
    return (
      String(try #require(parts.last).dropFirst("Signature=".count)),
      String(parts[1].dropFirst("SignedHeaders=".count))
    )
  }

  private let suite = AWSCredentials(
    accessKey: "AKIDEXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

  @Test(arguments: [
    (
      "GET", [(String, String)](),
      "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    ),
    (
      "POST", [],
      "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
    ),
    (
      "GET", [("Param2", "value2"), ("Param1", "value1")],
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    ),
  ])
  func `the vanilla requests of the test suite`(
    method: String, query: [(String, String)], expected: String
  ) throws {
    let result = try signature(
      SigV4(region: "us-east-1", service: "service"),
      SigV4.Request(
        method: method, host: "example.amazonaws.com", path: "/",
        query: query.map { (name: $0.0, value: $0.1) }, payloadHash: Self.empty),
      suite, at: "2015-08-30T12:36:00Z", namesPayload: false)
    #expect(result.signature == expected)
    #expect(result.signed == "host;x-amz-date")
  }

  private let guide = AWSCredentials(
    accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
  private let s3 = SigV4(region: "us-east-1", service: "s3")
  private let bucket = "examplebucket.s3.amazonaws.com"

  @Test func `an object with a range, as in S3's guide`() throws {
    let result = try signature(
      s3,
      SigV4.Request(
        method: "GET", host: bucket, path: "/test.txt", headers: [("range", "bytes=0-9")],
        payloadHash: Self.empty), guide, at: "2013-05-24T00:00:00Z")
    #expect(
      result.signature == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    #expect(result.signed == "host;range;x-amz-content-sha256;x-amz-date")
  }

  @Test func `writing an object, as in S3's guide`() throws {
    let result = try signature(
      s3,
      SigV4.Request(
        method: "PUT", host: bucket, path: "/test%24file.text",
        headers: [
          ("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ],
        payloadHash: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
      guide, at: "2013-05-24T00:00:00Z")
    #expect(
      result.signature == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
  }

  @Test(arguments: [
    (
      [("lifecycle", "")], "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    ),
    (
      [("prefix", "J"), ("max-keys", "2")],
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    ),
  ])
  func `requests to the bucket, as in S3's guide`(
    query: [(String, String)], expected: String
  ) throws {
    let result = try signature(
      s3,
      SigV4.Request(
        method: "GET", host: bucket, path: "/",
        query: query.map { (name: $0.0, value: $0.1) }, payloadHash: Self.empty),
      guide, at: "2013-05-24T00:00:00Z")
    #expect(result.signature == expected)
  }

  @Test func `a session's token is signed as well`() throws {
    var credentials = guide
    credentials.sessionToken = "token"
    let now = Timestamp(seconds: 0)
    let fields = s3.headers(
      SigV4.Request(method: "GET", host: bucket, path: "/", payloadHash: Self.empty),
      credentials: credentials, now: now)
    #expect(fields.contains { $0 == ("x-amz-security-token", "token") })
    let authorization = fields.first { $0.name == "authorization" }?.value ?? ""
    #expect(authorization.contains("x-amz-date;x-amz-security-token,"))
    #expect(authorization.contains("/19700101/us-east-1/s3/aws4_request,"))
  }

  @Test func `descriptions show no secret`() {
    #expect(!"\(guide)".contains("wJalr"))
    var dumped = ""
    dump(guide, to: &dumped)
    #expect(!dumped.contains("wJalr"))
  }
}
