import Telemetry
import Testing

@Suite struct IngestReportTests {
  @Test func `notes of one sort add up and keep the first example`() {
    var report = IngestReport()
    report.note("bad_number", .skipped, in: "a.csv", example: "line 3")
    report.note("bad_number", .skipped, in: "a.csv", count: 4, example: "line 9")
    #expect(
      report.defects == [
        IngestReport.Defect(
          source: "a.csv", reason: "bad_number", effect: .skipped, count: 5, example: "line 3")
      ])
  }

  @Test func `sources, reasons and effects are kept apart in order of first occurrence`() {
    var report = IngestReport()
    report.note("duplicate", .changed, in: "b.csv", example: "line 1")
    report.note("duplicate", .skipped, in: "a.csv", example: "line 2")
    report.note("bad_number", .skipped, in: "b.csv", example: "line 3")
    report.note("duplicate", .changed, in: "b.csv", example: "line 4")
    report.note("duplicate", .skipped, in: "b.csv", example: "line 5")
    #expect(report.defects.map(\.example) == ["line 1", "line 2", "line 3", "line 5"])
    #expect(report.defects.map(\.count) == [2, 1, 1, 1])
  }

  @Test func `only what was left out counts as skipped`() {
    var report = IngestReport()
    report.note("reset", .changed, in: "a", count: 7, example: "x")
    report.note("late", .skipped, in: "a", count: 2, example: "x")
    report.note("late", .skipped, in: "b", count: 3, example: "x")
    report.note("late", .changed, in: "a", count: 5, example: "x")
    #expect(report.skipped == 5)
  }

  @Test func `a note of nothing leaves no trace and makes no example`() {
    var report = IngestReport()
    var made = 0
    func example() -> String {
      made += 1
      return "line 1"
    }
    report.note("late", .skipped, in: "a", count: 0, example: example())
    report.note("late", .skipped, in: "a", count: -2, example: example())
    #expect(report.defects.isEmpty && made == 0)
    report.note("late", .skipped, in: "a", example: example())
    report.note("late", .skipped, in: "a", example: example())
    #expect(made == 1)
  }

  @Test func `known defects survive a copy of the report`() {
    let defect = IngestReport.Defect(
      source: "a", reason: "late", effect: .changed, count: 2, example: "byte 4")
    #expect(IngestReport(defects: [defect]).defects == [defect])
  }
}
