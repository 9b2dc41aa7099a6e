internal import Diagnostics
internal import Registry
internal import Storage
internal import Telemetry
internal import Transport

extension S3Client {
  /// The objects whose keys begin with a text, in ascending order of their keys.
  package func list(_ prefix: String) async throws -> [S3Object] {
    var objects: [S3Object] = []
    try await pages(of: prefix, delimiter: nil) { page in
      objects += try page.elements("Contents").map { element in
        guard let key = element.text("Key"), let size = element.text("Size").flatMap({ Int($0) })
        else { throw unexpected(prefix) }
        return S3Object(
          key: key, size: size, etag: element.text("ETag") ?? "",
          modified: element.text("LastModified").flatMap { Timestamp(rfc3339: $0) })
      }
    }
    return objects
  }

  /// The first parts of the keys that begin with a text, each once.
  package func folders(_ prefix: String) async throws -> [String] {
    var names: [String] = []
    try await pages(of: prefix, delimiter: "/") { page in
      names += page.elements("CommonPrefixes").compactMap { $0.text("Prefix") }
        .map { String($0.dropFirst(prefix.count).dropLast()) }
    }
    return names
  }

  private func pages(
    of prefix: String, delimiter: String?, _ read: (XMLText) throws -> Void
  ) async throws {
    var token: String?
    repeat {
      var query = [(name: "list-type", value: "2"), ("prefix", prefix)]
      if let delimiter { query.append(("delimiter", delimiter)) }
      if let token { query.append(("continuation-token", token)) }
      let answer = try await send("GET", "", query: query)
      guard answer.status == 200 else { throw failure(answer, prefix, "list") }
      let page = XMLText(String(decoding: answer.body, as: UTF8.self))
      try read(page)
      let next = page.text("IsTruncated") == "true" ? page.text("NextContinuationToken") : nil
      guard next == nil || next != token else { throw unexpected(prefix) }
      token = next
    } while token != nil
  }

  /// Uploads in parts that began and were neither finished nor given up.
  func openUploads(_ prefix: String) async throws -> [(key: String, id: String, begun: Timestamp?)]
  {
    let answer = try await send("GET", "", query: [("uploads", ""), ("prefix", prefix)])
    guard answer.status == 200 else { throw failure(answer, prefix, "list uploads of") }
    return XMLText(String(decoding: answer.body, as: UTF8.self)).elements("Upload").compactMap {
      guard let key = $0.text("Key"), let id = $0.text("UploadId"), key.hasPrefix(prefix) else {
        return nil
      }
      return (key, id, $0.text("Initiated").flatMap { Timestamp(rfc3339: $0) })
    }
  }

  /// Gives an upload in parts up.
  package func abandon(_ key: String, upload: String) async throws {
    let answer = try await send("DELETE", key, query: [("uploadId", upload)])
    guard [200, 204, 404].contains(answer.status) else { throw failure(answer, key, "give up") }
  }

  private func unexpected(_ prefix: String) -> RegistryError {
    .store(
      location: place(prefix), reason: "the server's list is none; check the endpoint",
      .environment)
  }
}
