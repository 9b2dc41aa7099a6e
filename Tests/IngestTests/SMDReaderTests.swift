import Ingest
import Telemetry
import Testing

@Suite struct SMDReaderTests {
  private func folder(train: Int, labels: String, width: Int = 38) throws -> TestFolder {
    let row = { (index: Int) in
      (0..<width).map { "0.\(index)\($0)" }.joined(separator: ",") + "\n"
    }
    let test = labels.split(separator: "\n").count
    return try TestFolder([
      "train/machine-9-9.txt": (0..<train).map(row).joined(),
      "test/machine-9-9.txt": (0..<test).map { row($0 + 50) }.joined(),
      "test_label/machine-9-9.txt": labels,
    ])
  }

  @Test func `training and test rows follow each other a minute apart`() throws {
    let folder = try folder(train: 3, labels: "0\n1\n1\n0\n1\n")
    let data = try ingest(.smd(path: folder.path, machine: "9-9"))
    #expect(data.grid.first == Timestamp(rfc3339: "2000-01-01T00:01:00Z"))
    #expect(data.grid.count == 8)
    #expect(data.columnNames(of: "machine-9-9").count == 38)
    #expect(data.column("d02", of: "machine-9-9")?.prefix(4) == [0.01, 0.11, 0.21, 0.501])
    #expect(data.publishedTestStart == data.grid.timestamp(at: 2))
    #expect(data.incidents.map(\.id) == ["machine-9-9-01", "machine-9-9-02"])
    let cells = data.incidents.map { data.grid.indices(touching: $0.start, $0.resolved) }
    #expect(cells == [4..<6, 7..<8])
    #expect(data.incidents.allSatisfy { $0.service == "machine-9-9" && $0.role == .incident })
  }

  @Test func `rows and labels that do not fit are refused with their line`() throws {
    let narrow = try folder(train: 2, labels: "0\n", width: 37)
    let error = #expect(throws: IngestError.self) {
      try ingest(.smd(path: narrow.path, machine: "machine-9-9"))
    }
    #expect(error?.description.hasSuffix("machine-9-9.txt:1: 37 values, expected 38") == true)
    let short = try folder(train: 2, labels: "0\n1\n")
    try short.write("test_label/machine-9-9.txt", "0\n")
    let shortError = #expect(throws: IngestError.self) {
      try ingest(.smd(path: short.path, machine: "9-9"))
    }
    #expect(shortError?.description.contains("1 labels for 2 test rows") == true)
    let missing = #expect(throws: IngestError.self) {
      try ingest(.smd(path: short.path, machine: "1-1"))
    }
    #expect(missing?.description.contains("train/machine-1-1.txt: not found") == true)
  }

  @Test(arguments: ["train", "test_label"])
  func `a line without end is refused with its line`(_ part: String) throws {
    let folder = try folder(train: 2, labels: "0\n1\n")
    let long = String(repeating: "0", count: 70_000)
    try folder.write("\(part)/machine-9-9.txt", long)
    let error = #expect(throws: IngestError.self) {
      try ingest(.smd(path: folder.path, machine: "9-9")) { $0.limits.lineBytes = 65_536 }
    }
    #expect(error?.description.contains("\(part)/machine-9-9.txt:1: ") == true)
  }

  @Test func `machines whose test parts begin at other times do not mix`() throws {
    let folder = try folder(train: 3, labels: "0\n")
    let other = try self.folder(train: 4, labels: "0\n")
    #expect(throws: IngestError.conflictingTestStart(path: other.path)) {
      try ingest(.smd(path: folder.path, machine: "9-9"), .smd(path: other.path, machine: "9-9"))
    }
  }
}

@Suite(.enabled(if: PublicData.has("smd"), Comment(rawValue: PublicData.hint)))
struct PublishedSMDTests {
  @Test(arguments: [
    ("1-2", 10, 542), ("1-3", 12, 817), ("1-5", 7, 100), ("1-7", 13, 2398), ("2-1", 13, 1170),
    ("2-3", 10, 269), ("2-7", 20, 417), ("3-2", 10, 1109), ("3-4", 8, 977), ("3-10", 13, 1047),
  ])
  func `a machine has its published segments and anomalous rows`(
    _ machine: String, _ segments: Int, _ anomalous: Int
  ) throws {
    let data = try ingest(.smd(path: PublicData.root + "/smd", machine: machine))
    #expect(data.incidents.count == segments)
    let cells = data.incidents.map { data.grid.indices(touching: $0.start, $0.resolved) }
    #expect(cells.reduce(0) { $0 + $1.count } == anomalous)
    #expect(data.report.missingCells == 0)
    #expect(data.report.cells == data.grid.count * 38)
    #expect(data.report.defects.isEmpty)
    let testStart = try #require(data.publishedTestStart)
    #expect(cells.allSatisfy { data.grid.timestamp(at: $0.lowerBound) > testStart })
    let train = data.grid.index(covering: testStart) + 1
    #expect((23_687...23_707).contains(train))
    #expect((0...1).contains(data.grid.count - 2 * train))
  }
}
