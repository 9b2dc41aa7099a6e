import Ingest
import Storage
import Telemetry
import Testing

@Suite struct OpenMetricsFuzzTests {
  private static let seeds = [
    """
    # TYPE a counter
    # UNIT a seconds
    a_total{app="shop",x="q\\"\\n\\\\ z"} 60 1767225600
    a_total{app="shop",x="q\\"\\n\\\\ z"} 1.2e+07 1767225660.5 # {trace_id="x"} 1 1767225660
    a_created{app="shop"} 1.7 1767225660.5
    # EOF

    """,
    """
    {__name__="b", app="s\\t\\u00e9"} 0.1 1767225600000
    {__name__="b", app="s\\t\\u00e9"} NaN 1767225660500
    {__name__="b", app="s\\t\\u00e9"} +Inf 1767225720500
    {__name__="b", app="s\\t\\u00e9"} {count:1, sum:2, [-1,1]:1} 1767225780000

    """,
    """
    # HELP h text
    # TYPE h histogram
    h_bucket{le="0.5"} 1 1767225600000
    h_bucket{le="+Inf"} 2 1767225600000
    {"h.x", "y z"="1"} 3 1767225600000
    plain 4

    """,
  ]

  @Test func `damaged texts end in a dataset or in one line that names the file`() throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/a.om"
    var mutation = Mutation(seed: 41)
    for round in 0..<max(Mutation.rounds / 20, 500) {
      let bytes = mutation.text(from: Self.seeds)
      try folder.write("a.om", bytes)
      do {
        // Wide cells, since a damaged instant may lie decades away.
        let data = try ingest(.openMetrics(path: path), every: .days(7))
        let again = try ingest(.openMetrics(path: path), every: .days(7))
        #expect(again.report == data.report, "round \(round)")
      } catch let error as IngestError {
        let text = error.description
        #expect(!text.contains("\n"), "round \(round): \(text)")
        #expect(text.contains("a.om"), "round \(round): \(text)")
      }
    }
  }

  @Test func `taking many lines at once changes nothing`() throws {
    // With CRLF each line is taken alone, and all else is the same.
    let folder = try TestFolder()
    var mutation = Mutation(seed: 43)
    for round in 0..<500 {
      let bytes = mutation.text(from: Self.seeds).filter { $0 != 0x0D }
      let slow = bytes.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
      try folder.write("a.om", bytes)
      let path = "\(folder.path)/a.om"
      let fast = Result { try ingest(.openMetrics(path: path), every: .days(7)) }
      try folder.write("a.om", slow)
      let other = Result { try ingest(.openMetrics(path: path), every: .days(7)) }
      switch (fast, other) {
      case (.success(let a), .success(let b)):
        #expect(a.report == b.report && a.grid == b.grid, "round \(round)")
        #expect(a.services.map(\.service) == b.services.map(\.service), "round \(round)")
        for (a, b) in zip(a.services, b.services) {
          #expect(a.columns == b.columns && same(a.values, b.values), "round \(round)")
        }
      case (.failure(let a), .failure(let b)): #expect("\(a)" == "\(b)", "round \(round)")
      default: Issue.record("round \(round): \(String(decoding: bytes, as: UTF8.self))")
      }
    }
  }
}
