internal import Registry
internal import Storage
internal import Transport

extension S3Client {
  /// Objects from this size on are written in parts.
  static let partSize = 16 << 20

  /// Writes an object, large ones in parts; every part is checked by its SHA-256.
  func upload(
    _ key: String, _ bytes: [UInt8], _ condition: S3Condition
  ) async throws -> S3Outcome {
    guard bytes.count > Self.partSize else { return try await put(key, bytes, condition) }
    let begun = try await send(
      "POST", key, query: [("uploads", "")],
      headers: [
        ("content-type", "application/octet-stream"), ("x-amz-checksum-algorithm", "SHA256"),
      ])
    guard begun.status == 200,
      let id = XMLText(String(decoding: begun.body, as: UTF8.self)).text("UploadId")
    else { throw failure(begun, key, "begin to write") }
    do {
      let tags = try await parts(of: bytes, key, id)
      let outcome = try await complete(key, id, tags, condition)
      if outcome == .lost { try await abandon(key, upload: id) }
      return outcome
    } catch {
      // A collection removes what cannot be given up now.
      try? await abandon(key, upload: id)
      throw error
    }
  }

  /// Sends the parts, a few at a time.
  private func parts(
    of bytes: [UInt8], _ key: String, _ id: String
  ) async throws -> [(etag: String, checksum: String)] {
    let starts = Array(stride(from: 0, to: bytes.count, by: Self.partSize))
    let done = try await boundedMap(Array(starts.enumerated()), atOnce: 4) { [self] item in
      let part = Array(bytes[item.element..<min(item.element + Self.partSize, bytes.count)])
      let sum = checksum(part)
      let answer = try await send(
        "PUT", key, query: [("partNumber", String(item.offset + 1)), ("uploadId", id)],
        headers: [("x-amz-checksum-sha256", sum)], body: part)
      guard answer.status == 200, let etag = answer.header("etag") else {
        throw failure(answer, key, "write part \(item.offset + 1) of")
      }
      return (etag, sum)
    }
    return done
  }

  private func complete(
    _ key: String, _ id: String, _ parts: [(etag: String, checksum: String)],
    _ condition: S3Condition
  ) async throws -> S3Outcome {
    let list = parts.enumerated().map { index, part in
      "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(part.etag)</ETag>"
        + "<ChecksumSHA256>\(part.checksum)</ChecksumSHA256></Part>"
    }.joined()
    let body = "<CompleteMultipartUpload>\(list)</CompleteMultipartUpload>"
    return try await retryingConflicts { [self] in
      let answer = try await send(
        "POST", key, query: [("uploadId", id)],
        headers: [("content-type", "application/xml")] + condition.header,
        body: Array(body.utf8))
      // An upload that an earlier attempt finished is gone.
      if answer.status == 404, answer.attempts > 1 { return .lost }
      if answer.status == 200,
        XMLText(String(decoding: answer.body, as: UTF8.self)).text("Code") != nil
      {
        throw failure(answer, key, "finish writing")
      }
      return try outcome(answer, key, condition)
    }
  }
}

/// Does work on items, some at once, and returns the results in the items' order.
func boundedMap<Item: Sendable, Result: Sendable>(
  _ items: [Item], atOnce limit: Int, _ work: @escaping @Sendable (Item) async throws -> Result
) async throws -> [Result] {
  try await withThrowingTaskGroup(of: (Int, Result).self) { group in
    var (results, next) = ([Int: Result](), 0)
    func start() {
      guard next < items.count else { return }
      let (index, item) = (next, items[next])
      next += 1
      group.addTask { (index, try await work(item)) }
    }
    for _ in 0..<limit { start() }
    while let (index, result) = try await group.next() {
      results[index] = result
      start()
    }
    return items.indices.compactMap { results[$0] }
  }
}
