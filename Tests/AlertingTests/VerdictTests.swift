import Alerting
import Companions
import Foundation
import Storage
import Telemetry
import Testing
import Verdicts

private let subject = VerdictLinks.Subject(
  service: "cart & <co>", start: begin, model: "shop", version: 7)

private func parameters(of url: String) throws -> [String: String] {
  let items = try #require(URLComponents(string: url)?.queryItems)
  return Dictionary(uniqueKeysWithValues: items.map { ($0.name, $0.value ?? "") })
}

@Suite struct VerdictLinkTests {
  private let links = VerdictLinks(
    base: "https://scorer.example.org/", key: [UInt8](repeating: 5, count: 32))

  @Test func `a link names its alert and nobody can change it`() throws {
    let url = links.url(of: subject)
    #expect(
      url.hasPrefix("https://scorer.example.org/api/v1/verdicts?service=cart%20%26%20%3Cco%3E&"))
    let good = try parameters(of: url)
    #expect(links.subject(of: good, now: begin + .days(1)) == subject)
    for key in good.keys.sorted() {
      var changed = good
      changed[key] = key == "start" ? "2026-01-01T00:00:01Z" : (good[key] ?? "") + "1"
      #expect(links.subject(of: changed, now: begin) == nil, "\(key)")
      changed[key] = nil
      #expect(links.subject(of: changed, now: begin) == nil, "\(key)")
    }
    #expect(links.subject(of: good, now: begin + .days(31)) == nil)
    let other = VerdictLinks(base: "https://x", key: [UInt8](repeating: 6, count: 32))
    #expect(other.subject(of: good, now: begin) == nil)
  }

  @Test func `a key is made once and kept to oneself`() throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/verdict.key"
    let first = try VerdictLinks(base: "https://x", keyFile: path)
    let second = try VerdictLinks(base: "https://x", keyFile: path)
    #expect(first.url(of: subject) == second.url(of: subject))
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let short = try folder.write("short.key", "abc")
    #expect(throws: StorageError.self) { try VerdictLinks(base: "https://x", keyFile: short) }
  }
}

@Suite struct VerdictDeskTests {
  private let links = VerdictLinks(base: "https://x", key: [UInt8](repeating: 5, count: 32))

  @Test func `a verdict through a link is what the review reads`() async throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/verdicts.jsonl"
    let desk = VerdictDesk(path: path, links: links)
    var form = try parameters(of: links.url(of: subject))
    let page = await desk.page(form, now: begin + .hours(1))
    #expect(page.status == 200)
    #expect(page.body.contains("cart &amp; &lt;co&gt;") && !page.body.contains("<co>"))
    // Chat programs open links: that says nothing.
    #expect(!FileManager.default.fileExists(atPath: path))
    form["verdict"] = "false_alarm"
    form["by"] = "ann"
    form["note"] = "a \"load\" test\nof ours"
    for _ in 0..<2 {
      let answer = try await desk.submit(form, isTrusted: false, now: begin + .hours(1)) { _ in
        begin + .minutes(9)
      }
      #expect(answer.status == 200)
    }
    let file = try VerdictFile(reading: path)
    #expect(file.defects.isEmpty)
    #expect(
      file.verdicts == [
        Verdict(
          service: subject.service, start: begin, end: begin + .minutes(9), judgement: .falseAlarm,
          by: "ann", note: "a \"load\" test\nof ours", said: begin + .hours(1), model: "shop",
          version: 7)
      ])
    // A second thought counts too.
    form["verdict"] = "incident"
    _ = try await desk.submit(form, isTrusted: false, now: begin + .hours(2)) { _ in nil }
    #expect(try VerdictFile(reading: path).verdicts.map(\.judgement) == [.falseAlarm, .incident])
    #expect(try VerdictFile(reading: path).verdicts[1].end == begin + .hours(2))
  }

  @Test func `nobody else can say anything, and nothing that is no verdict`() async throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/verdicts.jsonl"
    let desk = VerdictDesk(path: path, links: links)
    let form = ["service": "cart", "start": begin.description, "verdict": "incident"]
    func status(_ form: [String: String], isTrusted: Bool) async throws -> Int {
      try await desk.submit(form, isTrusted: isTrusted, now: begin + .hours(1)) { _ in nil }.status
    }
    #expect(try await status(form, isTrusted: false) == 403)
    #expect(await desk.page(form, now: begin).status == 403)
    #expect(try await status(form.merging(["verdict": "maybe"]) { $1 }, isTrusted: true) == 400)
    #expect(try await status(form.merging(["start": "soon"]) { $1 }, isTrusted: true) == 400)
    #expect(
      try await status(
        form.merging(["note": String(repeating: "x", count: 3_000)]) { $1 }, isTrusted: true) == 400
    )
    #expect(
      try await status(form.merging(["end": "2025-01-01T00:00:00Z"]) { $1 }, isTrusted: true) == 400
    )
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(try await status(form, isTrusted: true) == 200)
    #expect(try VerdictFile(reading: path).verdicts.count == 1)
  }

  @Test func `a disk that is full is an error, and no thanks`() async throws {
    let folder = try TestFolder()
    let desk = VerdictDesk(path: "\(folder.path)/none/verdicts.jsonl", links: links)
    await #expect(throws: StorageError.self) {
      try await desk.submit(
        ["service": "a", "start": begin.description, "verdict": "incident"], isTrusted: true,
        now: begin + .hours(1)
      ) { _ in nil }
    }
  }
}
