import Ingest
import Telemetry
import Testing

/// Rows of plain numbers are taken in blocks, all others one by one; both must read the same.
@Suite struct PlainRowTests {
  private func read(_ bytes: [UInt8], _ format: CSVSource.TimeFormat, limit: Int) throws -> String {
    let folder = try TestFolder()
    let path = try folder.write("m.csv", bytes)
    var limits = IngestLimits()
    limits.earliest = Timestamp(seconds: 0)
    limits.lineBytes = limit
    do {
      let columns = try readColumns(
        .csv(CSVSource(path: path, layout: .wide, timeFormat: format)), limits: limits)
      let series = columns.series.map {
        "\($0.labels.sorted { $0.key < $1.key }) \($0.times) \($0.values.map(\.bitPattern))"
      }
      return "\(series) \(columns.report)"
    } catch {
      return "\(error)".replacing(folder.path, with: "")
    }
  }

  private static let seeds = [
    "time,a,b,c\n60,1,2.5,-3\n120,0.1,1e3,\n180,12345678901234567,0.30000000000000004,-0\n240,,,7\n",
    "time,a,b\r\n1700000000.123,1,2\r\n1700000030.5,3,4\r\n\r\n1700000060,NaN,+Inf\r\n1700000090,9,8",
    "time,a\n1700000000000,1.7976931348623157e308\n99999999999,5e-324\n100000000000,4.35,\n5,1\n4,2\n",
    "time,up{a=\"1\"},b\n1,2,3\n2,3,4\n3,4,5\n2026-01-05T00:00:00Z,1,1\n",
  ]

  @Test(arguments: [CSVSource.TimeFormat.auto, .unixSeconds, .unixMilliseconds], [1 << 20, 30])
  func `mutated tables read the same in blocks and row by row`(
    _ format: CSVSource.TimeFormat, _ limit: Int
  ) throws {
    var mutation = Mutation(seed: 41)
    for _ in 0..<max(1, Mutation.rounds / 100) {
      let text = mutation.text(from: Self.seeds)
      // A column of services that are all empty keeps the rows from being taken in blocks.
      guard let body = plain(text) else { continue }
      let rows = body.split(separator: 0x0A, omittingEmptySubsequences: false)
      let slow = rows.enumerated().map { index, row -> [UInt8] in
        if row.isEmpty || row == [0x0D] { return Array(row) }
        return (index == 0 ? Array("service,".utf8) : [0x2C]) + row
      }
      // The added bytes count against the limit of a line.
      let other = try read(Array(slow.joined(separator: [0x0A])), format, limit: limit + 1)
      let one = try read(body, format, limit: limit)
      // Messages name the number of fields and the limit, which differ by the added column.
      let counts = /\d+ (fields|bytes)/
      #expect(
        one.replacing(counts, with: "") == other.replacing(counts, with: ""),
        "\(String(decoding: text, as: UTF8.self))")
    }
  }

  /// A text whose header is left alone and that has no quotes, which would join lines.
  private func plain(_ text: [UInt8]) -> [UInt8]? {
    let body = text.drop { $0 != 0x0A }
    guard !body.contains(0x22) else { return nil }
    return Array("time,a,b,c".utf8) + body
  }

  @Test func `rows of any length around the end of a window are all read`() throws {
    var text = "time,a,b\n"
    for row in 0..<200_000 { text += "\(60 + row),\(row).25,\(row % 1000)\n" }
    let folder = try TestFolder(["m.csv": text])
    let columns = try readColumns(.csv(CSVSource(path: folder.path + "/m.csv")), limits: early)
    #expect(columns.series.map(\.times.count) == [200_000, 200_000])
    #expect(columns.series.first?.values == (0..<200_000).map { Double($0) + 0.25 })
    #expect(columns.series.last?.times == (0..<200_000).map { 60_000 + 1000 * Int64($0) })
  }

  @Test func `an instant out of bounds names its line behind rows taken in a block`() throws {
    let folder = try TestFolder(["m.csv": "time,a\n60,1\n120,2\n99999999999,3\n"])
    let error = #expect(throws: IngestError.self) {
      try readColumns(.csv(CSVSource(path: folder.path + "/m.csv")), limits: early)
    }
    #expect("\(try #require(error))".contains("m.csv:4"))
  }

  private var early: IngestLimits {
    var limits = IngestLimits()
    limits.earliest = Timestamp(seconds: 0)
    return limits
  }
}
