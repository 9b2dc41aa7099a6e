import Experiments
import Storage
import Telemetry
import Testing

@Suite struct RunCollectionTests {
  /// Five runs, the newest first, a day apart; the second is tagged.
  private var runs: [RecordedRun] {
    (0..<5).map { index in
      RecordedRun(
        id: "r\(index)",
        record: sample(artifact: "a\(index)", started: Int64(100 - index) * 86_400),
        tags: index == 1 ? ["kept"] : [])
    }
  }

  private func removable(_ change: (inout RunCollection) -> Void) -> [String] {
    var rule = RunCollection()
    change(&rule)
    return rule.removable(runs).map(\.id)
  }

  @Test func `nothing goes unless it is said what`() {
    #expect(removable { _ in } == [])
  }

  @Test func `untagged runs beyond the newest go`() {
    #expect(removable { $0.keep = 2 } == ["r3", "r4"])
    #expect(removable { $0.keep = 0 } == ["r0", "r2", "r3", "r4"])
    #expect(removable { $0.keep = 9 } == [])
  }

  @Test func `untagged runs that are too old go`() {
    #expect(removable { $0.before = Timestamp(seconds: 98 * 86_400) } == ["r3", "r4"])
    #expect(
      removable {
        $0.before = Timestamp(seconds: 97 * 86_400)
        $0.keep = 2
      } == ["r3", "r4"])
  }

  @Test func `what an alias points at stays`() {
    #expect(
      removable {
        $0.keep = 0
        $0.artifacts = ["a0", "a4"]
      } == ["r2", "r3"])
  }

  @Test func `only files of the run are removed, and its folder when nothing else is in it`() throws
  {
    let folder = try TemporaryFolder()
    for (name, files) in [("a", ["x.csv", "y.html"]), ("b", ["x.csv", "mine.txt"])] {
      for file in files { try folder.write("\(name)/\(file)", "") }
    }
    for name in ["a", "b"] {
      var record = sample()
      (record.folder, record.files) = ("\(folder.path)/\(name)", ["x.csv", "y.html"])
      let run = RecordedRun(id: name, record: record, tags: [])
      #expect(run.presentFiles.count == (name == "a" ? 2 : 1))
      try run.removeFiles()
      try run.removeFiles()
    }
    #expect(FileSystem.item(at: "\(folder.path)/a") == nil)
    #expect(try FileSystem.contents(of: "\(folder.path)/b") == ["mine.txt"])
  }
}
