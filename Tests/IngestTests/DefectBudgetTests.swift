import Diagnostics
import Ingest
import Telemetry
import Testing

@Suite struct DefectBudgetTests {
  /// A table of 20 rows, three of them with bad times and one with a bad number.
  private func table(_ budget: DefectBudget) throws -> Dataset {
    var text = "time,cpu\n"
    for row in 1...20 {
      text +=
        [5: "never,1\n", 6: "never,1\n", 9: "soon,1\n", 12: "720,x\n"][row]
        ?? "\(row * 60),1\n"
    }
    let folder = try TestFolder(["m.csv": text])
    return try ingest(.csv(CSVSource(path: folder.path))) { $0.defectBudget = budget }
  }

  @Test func `a dataset is refused with the main reason, its place and the fix`() throws {
    let error = #expect(throws: IngestError.self) {
      try table(DefectBudget(total: .share(0.1)))
    }
    let text = error?.description ?? ""
    #expect(error?.kind == .invalidInput)
    #expect(text.contains("the defect budget allows (10%)"))
    #expect(text.contains("4 items were skipped while 16 samples"))
    #expect(
      text.contains("3 of them for bad_time, the first at ") && text.contains("m.csv:6: 'never'"))
    #expect(text.contains("set the source's time_format"))
    guard case .overBudget(_, _, let report, _) = error else {
      Issue.record("another error")
      return
    }
    #expect(report.skipped == 4 && report.samples == 16)
  }

  @Test func `a row of a wide table is worth all of its metrics in a share`() throws {
    var text = "time,a,b,c,d\n"
    for row in 1...20 { text += row % 10 == 0 ? "never,1,1,1,1\n" : "\(row * 60),1,1,1,1\n" }
    let folder = try TestFolder(["m.csv": text])
    func table(_ total: DefectBudget.Allowance) throws -> Dataset {
      try ingest(.csv(CSVSource(path: folder.path))) {
        $0.defectBudget = DefectBudget(total: total)
      }
    }
    // Two rows of four samples, where 72 were read.
    #expect(throws: IngestError.self) { try table(.share(0.1)) }
    #expect(try table(.share(0.12)).report.skipped == 2)
    #expect(try table(.count(2)).report.skipped == 2)
  }

  @Test func `within the budget nothing changes`() throws {
    let free = try table(DefectBudget())
    for budget in [DefectBudget(total: .share(0.25)), DefectBudget(total: .count(4))] {
      let data = try table(budget)
      #expect(data.report == free.report && data.grid == free.grid)
      #expect(same(data.column("cpu", of: "system"), free.column("cpu", of: "system") ?? []))
    }
    #expect(throws: IngestError.self) { try table(DefectBudget(total: .count(3))) }
  }

  @Test func `a reason has a budget of its own, outside of the total`() throws {
    let few = DefectBudget(total: .count(1), reasons: ["bad_time": .count(3)])
    #expect(try table(few).report.skipped == 4)
    let none = DefectBudget(reasons: ["bad_number": .count(0)])
    let error = #expect(throws: IngestError.self) { try table(none) }
    #expect(error?.description.contains("1 of them for bad_number") == true)
  }

  @Test func `what loses nothing does not count unless it is named`() throws {
    let document = matrix([
      (#"{"__name__":"up"}"#, [(60, "1"), (60, "1"), (60, "1"), (120, "1")])
    ])
    let folder = try TestFolder(["a.json": document])
    let data = try ingest(.prometheus(path: folder.path)) {
      $0.defectBudget = DefectBudget(total: .count(0))
    }
    #expect(data.defect("duplicate_timestamp")?.count == 2)
    #expect(throws: IngestError.self) {
      try ingest(.prometheus(path: folder.path)) {
        $0.defectBudget = DefectBudget(reasons: ["duplicate_timestamp": .count(1)])
      }
    }
  }

  @Test func `entries are read as people write them`() {
    /// The standard budget with entries; nil when one of them is refused.
    func budget(_ entries: String...) -> DefectBudget? {
      var budget = DefectBudget.standard
      for entry in entries {
        guard budget.add(entry) else { return nil }
      }
      return budget
    }
    #expect(budget() == DefectBudget(total: .share(0.1)))
    #expect(
      budget("0.5 %", "bad_time=0", "not_finite=2%")
        == DefectBudget(
          total: .share(0.005), reasons: ["bad_time": .count(0), "not_finite": .share(0.02)]))
    #expect(budget("none") == DefectBudget())
    #expect(budget("bad_number=none")?.reasons == ["bad_number": .count(.max)])
    for entry in ["", "-1", "101%", "x", "=1", "a=b=1", "1e3", "bad_time="] {
      #expect(budget(entry) == nil, "\(entry)")
    }
    #expect("\(DefectBudget.Allowance.share(0.07))" == "7%")
    #expect("\(DefectBudget.Allowance.share(0.001))" == "0.1%")
  }
}
