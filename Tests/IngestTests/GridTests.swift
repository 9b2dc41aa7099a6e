import Ingest
import Telemetry
import Testing

@Suite struct GridTests {
  @Test func `jitter and different scrape moments never split a scrape`() throws {
    let data = try load([
      (labels("a"), [(100.2, "1"), (159.9, "2"), (220.0, "3")]),
      (labels("b"), [(103.0, "1"), (163.5, "2"), (222.9, "3")]),
    ])
    #expect(
      data.grid
        == TimeGrid(first: Timestamp(milliseconds: 103_500), interval: .minutes(1), count: 3))
    #expect(data.column("a", of: "shop") == [1, 2, 3])
    #expect(data.column("b", of: "shop") == [1, 2, 3])
  }

  @Test func `without a clear phase cells end at whole intervals`() throws {
    let times = (0..<60).map { (60 * Double($0) + Double($0), "\($0)") }
    let data = try load([(labels("a"), times)])
    #expect(data.grid.first.milliseconds == 0)
    // 0 to 3599 s: one cell for the sample at 0, 60 for the hour after it.
    #expect(data.grid.count == 61)
  }

  @Test func `a phase on both sides of the interval's edge is one cluster`() throws {
    let data = try load([(labels("a"), [(59.5, "1"), (120.4, "2"), (179.8, "3")])])
    #expect(data.grid.first == Timestamp(milliseconds: 60_400))
    #expect(data.column("a", of: "shop") == [1, 2, 3])
  }

  @Test func `times before 1970 have cells too`() throws {
    let data = try load([(labels("a"), [(-120, "1"), (-60, "2"), (0, "3")])])
    #expect(data.grid == TimeGrid(first: Timestamp(seconds: -120), interval: .minutes(1), count: 3))
    #expect(data.column("a", of: "shop") == [1, 2, 3])
  }

  @Test func `the range asked for keeps whole cells only`() throws {
    let samples = (1...10).map { (60 * Double($0), "\($0)") }
    let data = try load([(labels("a"), samples)]) {
      $0.start = Timestamp(seconds: 150)
      $0.end = Timestamp(seconds: 400)
    }
    #expect(data.grid == TimeGrid(first: Timestamp(seconds: 240), interval: .minutes(1), count: 3))
    #expect(data.column("a", of: "shop") == [4, 5, 6])
    #expect(data.defect("outside_range")?.count == 7)
    let error = #expect(throws: IngestError.self) {
      try load([(labels("a"), samples)]) { $0.start = Timestamp(seconds: 9000) }
    }
    #expect(error?.description.contains("1970-01-01T00:01:00Z to 1970-01-01T00:10:00Z") == true)
  }

  @Test func `limits are errors that say what to do`() throws {
    let many = #expect(throws: IngestError.self) {
      try load([(labels("a"), [(60, "1")]), (labels("b"), [(60, "1")])]) { $0.limits.series = 1 }
    }
    #expect(many?.description.contains("more than 1 series") == true)
    let large = #expect(throws: IngestError.self) {
      try load([(labels("a"), [(60, "1")])]) { $0.limits.inputBytes = 20 }
    }
    #expect(large?.description.contains("limit of 20 bytes") == true)
  }

  @Test func `a configuration without sources or with an empty interval is an error`() throws {
    let folder = try TestFolder(["a.json": "[]"])
    #expect(throws: IngestError.self) { try ingest() }
    #expect(throws: IngestError.self) {
      try ingest(.prometheus(path: folder.path + "/a.json"), every: .zero)
    }
  }

  @Test func `samples out of order are sorted and repeated ones dropped`() throws {
    let data = try load([
      (labels("a"), [(120, "2"), (60, "1"), (180, "3"), (180, "3"), (240, "4"), (240, "5")])
    ])
    #expect(data.column("a", of: "shop") == [1, 2, 3, 5])
    #expect(data.defect("out_of_order")?.count == 1)
    #expect(data.defect("out_of_order")?.effect == .changed)
    #expect(data.defect("duplicate_timestamp")?.count == 1)
    #expect(data.defect("conflicting_timestamp")?.count == 1)
  }

  @Test func `a cell keeps a gauge's last sample and counts the others`() throws {
    // Four offsets are equally far apart; cells end at the smallest, 0.
    let data = try load([
      (
        labels("a"),
        [(15, "1"), (30, "2"), (45, "3"), (60, "4"), (75, "5"), (120, "NaN"), (135, "NaN")]
      )
    ])
    #expect(same(data.column("a", of: "shop"), [4, 5, .nan]))
    #expect(data.defect("downsampled")?.count == 3)
    #expect(data.defect("downsampled")?.effect == .changed)
  }
}
