import Foundation
import Storage
import Testing

@Suite struct DatasetCommandTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  private func tool(_ arguments: String...) throws -> ToolResult {
    try Tool.run(arguments, in: workspace.path)
  }

  /// Runs the tool and reads its JSON output.
  private func document(_ arguments: String...) throws -> JSONDocument {
    let result = try Tool.run(arguments + ["--output", "json"], in: workspace.path)
    #expect(result.code == 0, "\(arguments): \(result.errors)")
    return JSONDocument(
      try JSONValue(parsing: Array(result.output.utf8), source: "output"), source: "output")
  }

  /// Ingests a small CSV whose last value is given, and returns the snapshot's digest.
  private func ingest(last: String) throws -> String {
    try workspace.write(
      "m.csv", "time,requests{service=\"cart\"}\n1767225600,1\n1767225660,2\n1767225720,\(last)\n")
    return try document("ingest", "--csv", "m.csv")["digest"].string
  }

  @Test func `a snapshot is found by the first digits of its digest`() throws {
    let digest = try ingest(last: "3")
    let list = try document("dataset", "list").elements
    #expect(try list.map { try $0["digest"].string } == [digest])
    #expect(try list[0]["cells"].integer == 3)
    let shown = try document("dataset", "show", String(digest.prefix(8)))
    #expect(try shown["sources"].elements[0]["name"].string == "m.csv")
    #expect(try shown["lineage"]["configuration"]["interval"].string == "1m")
    #expect(try !shown["lineage"]["program_version"].string.isEmpty)
    #expect(try shown["report"]["samples"].integer == 3)
    #expect(try tool("dataset", "show", "ffff").code == 4)
  }

  @Test func `ingesting the same bytes again changes nothing and says so`() throws {
    let digest = try ingest(last: "3")
    let again = try tool("ingest", "--csv", "m.csv")
    #expect(again.output.contains("already there"))
    #expect(workspace.files(under: "out/datasets") == ["sha256-\(digest).h5"])
  }

  @Test func `diff names the cell that differs`() throws {
    let (first, second) = (try ingest(last: "3"), try ingest(last: "4"))
    let found = try document("dataset", "diff", first, second)
    #expect(try !found["equal"].bool)
    #expect(try found["changed_services"].elements[0]["different_cells"].integer == 1)
    let text = try tool("dataset", "diff", first, second)
    #expect(text.code == 0)
    #expect(text.output.contains("1 cell of 3 differ, first at 2026-01-01 00:02Z"))
    #expect(try tool("dataset", "diff", first, first).output == "the datasets say the same\n")
  }

  @Test func `verify names the damaged snapshot and ends with 5`() throws {
    let digest = try ingest(last: "3")
    _ = try ingest(last: "4")
    #expect(try tool("dataset", "verify").code == 0)
    let name = "out/datasets/sha256-\(digest).h5"
    try workspace.write(name, try workspace.read(name).dropLast(200))
    let damaged = try tool("dataset", "verify")
    #expect(damaged.code == 5)
    #expect(damaged.errors.contains(name) && damaged.output.contains("1 intact, 1 damaged"))
    // A damaged snapshot does not hide the others.
    let list = try tool("dataset", "list")
    #expect(list.code == 0 && list.output.contains("unreadable"))
  }

  @Test func `gc keeps what models refer to and asks before it removes`() throws {
    try workspace.makeSystem()
    #expect(try tool("run", "run.yaml", "-q").code == 0)
    let used = workspace.files(under: "out/datasets")
    _ = try ingest(last: "3")
    _ = try ingest(last: "4")
    #expect(try tool("dataset", "gc").code == 64)
    let arguments = ["dataset", "gc", "--registry", "out/registry", "--keep", "0"]
    let dry = try Tool.run(arguments, in: workspace.path)
    #expect(dry.output.contains("would remove 2 snapshots"))
    #expect(workspace.files(under: "out/datasets").count == 3)
    let real = try Tool.run(arguments + ["--yes"], in: workspace.path)
    #expect(real.code == 0 && real.output.contains("removed 2 snapshots"))
    #expect(workspace.files(under: "out/datasets") == used)
    #expect(try tool("dataset", "gc", "--registry", "nowhere").code == 4)
  }

  @Test func `inspect draws columns and refuses filters that fit nothing`() throws {
    let digest = try ingest(last: "8")
    let drawn = try tool("inspect", digest, "--ascii", "--width", "80")
    #expect(drawn.code == 0 && drawn.output.contains("requests"))
    #expect(drawn.output.contains("_.#"))
    #expect(try tool("inspect", digest, "--column", "nothing").code == 64)
    #expect(try tool("inspect", digest, "--width", "20").code == 64)
    let data = try document("inspect", digest)
    #expect(try data["services"].elements[0]["columns"].elements[0]["max"].number == 8)
  }

  @Test func `import makes a snapshot a part and knows what it has`() throws {
    let folder = URL(fileURLWithPath: workspace.path)
    for name in ["nab/data/realX", "nab/labels"] {
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
    }
    let rows = "timestamp,value\n2014-01-07 00:00:00,1\n2014-01-07 00:05:00,2\n"
    for name in ["a", "b"] { try workspace.write("nab/data/realX/\(name).csv", rows) }
    try workspace.write(
      "nab/labels/combined_windows.json", #"{"realX/a.csv": [], "realX/b.csv": []}"#)
    let first = try tool("dataset", "import", "nab", "--from", "nab")
    #expect(first.code == 0, "\(first.errors)")
    #expect(first.output.contains("2 new snapshots"))
    #expect(first.output.contains("not in the catalogue"))
    let again = try tool("dataset", "import", "nab", "--from", "nab", "--part", "b")
    #expect(again.output.contains("0 new snapshots") && again.output.contains("already there"))
    #expect(try tool("dataset", "import", "nab", "--from", "nab", "--part", "c").code == 64)
    #expect(try tool("dataset", "import", "nob", "--from", "nab").errors.contains("'nab'"))
    #expect(try tool("dataset", "import", "smd", "--from", "nab").code == 4)
    #expect(try document("dataset", "catalog").elements.count == 10)
  }
}
