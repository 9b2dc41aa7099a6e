import Report
import Storage
import Telemetry
import Testing

@Suite struct SparklineTests {
  @Test func `the least is the lowest block and the greatest the highest`() {
    #expect(Sparkline.text([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█")
    #expect(Sparkline.text([7, .nan, 0], ascii: true) == "# _")
    #expect(Sparkline.text([3, 3]) == "▁▁")
    #expect(Sparkline.text([.nan, .nan]) == "  ")
    #expect(Sparkline.text([-1.7e308, 1.7e308]) == "▁█")
  }

  @Test func `parts are means of what is known`() {
    let means = Sparkline.means(of: [1, 3, .nan, .nan, 5, .nan, .infinity, 2], width: 4)
    #expect(means.map { $0.isNaN ? -1 : $0 } == [2, -1, 5, 2])
    #expect(Sparkline.means(of: [1, 2], width: 10) == [1, 2])
    #expect(Sparkline.means(of: [], width: 10) == [])
  }

  @Test func `a mark covers the parts of its rows, and no others`() {
    let line = { (rows: Range<Int>) in
      Sparkline.marks([(rows, "#")], rows: 10, width: 5, blank: ".")
    }
    #expect(line(0..<1) == "#....")
    #expect(line(1..<2) == "#....")
    #expect(line(2..<5) == ".##..")
    #expect(line(9..<30) == "....#")
    #expect(line(3..<3) == ".....")
    #expect(Sparkline.marks([(6..<7, "#")], rows: 10, width: 3, blank: ".") == "..#")
  }
}

@Suite struct ColumnFiguresTests {
  @Test func `figures leave out what is missing`() {
    let figures = ColumnFigures([3, .nan, 1, 2, .nan])
    #expect(figures.minimum == 1 && figures.median == 2 && figures.maximum == 3)
    #expect(figures.missing == 0.4)
    #expect(ColumnFigures([4, 1]).median == 2.5)
    #expect(ColumnFigures([.nan]).median == nil)
    #expect(ColumnFigures([.nan]).missing == 1)
  }

  @Test(arguments: [
    (0, "0"), (1, "1"), (0.5, "0.5"), (653.95, "654"), (653.94, "653.9"), (283_899, "283899"),
    (0.012_345, "0.01235"), (1_234_500_000, "1.235e9"), (0.000_012, "1.2e-5"), (-2.5, "−2.5"),
  ])
  func `numbers have four digits that count`(_ value: Double, _ text: String) {
    #expect(significant(value) == text)
  }
}

@Suite struct DatasetPortraitTests {
  private var dataset: Dataset {
    let grid = TimeGrid(first: Timestamp(seconds: 1_790_000_040), interval: .minutes(1), count: 100)
    let values = (0..<100).flatMap { [Double($0), $0 < 50 ? .nan : 1] }
    let shop = ServiceFrame(
      service: "shop",
      columns: [
        MetricColumn(name: "requests", kind: .gauge), MetricColumn(name: "errors", kind: .gauge),
      ], values: values)
    let logs = LogActivity(
      patterns: [LogPattern(text: "x", level: .info)],
      counts: [.init(row: 9, pattern: 0, lines: 5)],
      recorded: (0..<100).map { $0 < 10 })
    let pay = ServiceFrame(service: "pay\u{1B}[31m", columns: [], values: [], logs: logs)
    var report = IngestReport()
    (report.cells, report.missingCells, report.logLines) = (200, 50, 5)
    return Dataset(
      grid: grid, services: [pay, shop],
      incidents: [
        Incident(
          id: "a", service: "shop", kind: "k", start: grid.timestamp(at: 89),
          resolved: grid.timestamp(at: 99))
      ], report: report)
  }

  @Test func `a portrait shows coverage, incidents and each column's figures`() {
    let text = DatasetPortrait(dataset).text
    #expect(text.contains("2 services, 2 columns, 75 % of cells have a value, 5 log lines"))
    #expect(text.contains("incidents  1 incident"))
    #expect(text.contains("\n           ····") && text.contains("·█"))
    #expect(text.contains("requests") && text.contains("49.5"))
    #expect(text.contains("log lines (1 pattern)") && text.contains("90 %"))
    #expect(!text.contains("\u{1B}"))
  }

  @Test(arguments: [60, 85, 110]) func `no line is wider than asked`(_ width: Int) {
    var wide = dataset
    wide.services[1].columns[0].name = String(repeating: "long_name_", count: 30)
    var view = DatasetPortrait.View()
    view.width = width
    let lines = DatasetPortrait(wide, view: view).text.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= width })
  }

  @Test func `ASCII is ASCII`() {
    var view = DatasetPortrait.View()
    view.ascii = true
    #expect(DatasetPortrait(dataset, view: view).text.allSatisfy { $0.isASCII })
  }

  @Test func `filters leave out services and columns`() throws {
    var view = DatasetPortrait.View()
    (view.service, view.column) = ("sho", "err")
    let portrait = DatasetPortrait(dataset, view: view)
    #expect(portrait.text.contains("errors") && !portrait.text.contains("requests"))
    #expect(!portrait.isEmpty)
    view.column = "none of them"
    #expect(DatasetPortrait(dataset, view: view).isEmpty)
  }

  @Test func `JSON has the numbers`() throws {
    let document = JSONDocument(DatasetPortrait(dataset).json(), source: "portrait")
    let shop = try document["services"].elements[1]
    let requests = try shop["columns"].elements[0]
    #expect(try requests["median"].number == 49.5)
    #expect(try shop["columns"].elements[1]["missing"].number == 0.5)
    #expect(try document["incidents"].elements.count == 1)
  }
}
