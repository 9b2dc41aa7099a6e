import Foundation
import Storage
import Telemetry
import Testing
import Verdicts

@Suite struct VerdictTests {
  private let folder: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("verdicts-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    self.folder = folder.path
  }

  private func verdict(
    _ service: String, _ judgement: Verdict.Judgement = .incident, kind: String = "cpu"
  ) -> Verdict {
    Verdict(
      service: service, start: Timestamp(seconds: 1_767_225_600),
      end: Timestamp(seconds: 1_767_229_200), judgement: judgement, kind: kind, by: "ann",
      note: "says \"so\", she", said: Timestamp(seconds: 1_767_230_000), model: "shop", version: 3)
  }

  @Test func `a verdict reads back from its line, under the same id`() throws {
    let path = "\(folder)/v.jsonl"
    let lines = VerdictFile.line(of: verdict("cart")) + VerdictFile.line(of: verdict("pay"))
    try FileSystem.writeFileAtomically(lines + VerdictFile.line(of: verdict("cart")), to: path)
    let file = try VerdictFile(reading: path)
    #expect(file.verdicts == [verdict("cart"), verdict("pay")])
    #expect(file.defects.isEmpty)
    #expect(verdict("cart").id != verdict("pay").id)
  }

  @Test func `lines that are no verdicts are counted with their reasons, the rest is read`() throws
  {
    let path = "\(folder)/v.jsonl"
    let good = VerdictFile.line(of: verdict("cart"))
    let bad = """
      not json
      {"service":"a","start":"2026-01-01T00:00:00Z","end":"2026-01-01T00:00:00Z","verdict":"incident"}
      {"service":"a","start":"2026-01-01T00:00:00Z","end":"2026-01-01T01:00:00Z","verdict":"maybe"}

      """
    try FileSystem.writeFileAtomically(
      Array(bad.utf8) + good + Array("{\"service\":\"half".utf8), to: path)
    let file = try VerdictFile(reading: path)
    #expect(file.verdicts == [verdict("cart")])
    #expect(file.defects.map(\.line) == [1, 2, 3, 5])
    #expect(file.defects[1].reason.contains("after the start"))
    #expect(file.defects[2].reason.contains("'incident', 'false_alarm' or 'expected'"))
  }

  @Test func `an accepted verdict becomes a row, once, in the columns that the file has`() throws {
    let path = "\(folder)/i.csv"
    try FileSystem.writeFileAtomically(
      Array("id,ticket,start,end,service\nA,7,2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,x".utf8),
      to: path)
    for _ in 0..<2 {
      var table = try IncidentTable(at: path)
      table.add(verdict("cart, old"))
      try table.write()
    }
    let text = String(decoding: try FileSystem.readFile(at: path, limit: 1 << 20), as: UTF8.self)
    let id = verdict("cart, old").id
    #expect(
      text == """
        id,ticket,start,end,service
        A,7,2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,x
        \(id),,2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,"cart, old"

        """)
  }

  @Test func `decisions read back, and a file without a usable header is refused`() throws {
    let path = "\(folder)/v.jsonl"
    var review = try VerdictReview(of: path)
    review.decide(.accepted, about: verdict("a"))
    review.decide(.rejected, about: verdict("b"))
    try review.write()
    let again = try VerdictReview(of: path)
    #expect(again.decisions == [verdict("a").id: .accepted, verdict("b").id: .rejected])
    try FileSystem.writeFileAtomically(Array("name,when\n".utf8), to: "\(folder)/wrong.csv")
    #expect(throws: StorageError.self) { try IncidentTable(at: "\(folder)/wrong.csv") }
  }
}
