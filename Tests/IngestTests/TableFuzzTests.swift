import Ingest
import Telemetry
import Testing

@Suite struct TableFuzzTests {
  private static let seeds = [
    "sep=,\n\"Time\",\"a {pod=\"\"x\"\"}\",\"b (ms)\"\n\"2026-10-25 02:30:00\",\"350 ms\",\"1,234\"\n\"2026-10-25 02:10:00\",\"1.5 GiB\",null\n",
    "Series;Time;Value\ncpu;2026-01-05T10:00:00+01:00;0.5\ncpu;1767225600000;1.2K req/s\n",
    "Time\ta\n60\t1\n120\t1 %\n2026-03-29 02:30:00\t-1.5e-7 TiB/s\n",
  ]

  @Test func `damaged panels end in a dataset or in one line that names the file`() throws {
    let folder = try TestFolder()
    let path = "\(folder.path)/panel.csv"
    var mutation = Mutation(seed: 47)
    var source = CSVSource.grafana(path: path)
    source.timeZone = try #require(LocalZone("Europe/Berlin"))
    for round in 0..<max(Mutation.rounds / 20, 500) {
      try folder.write("panel.csv", mutation.text(from: Self.seeds))
      do {
        let data = try ingest(.csv(source), every: .days(7))
        #expect(try ingest(.csv(source), every: .days(7)).report == data.report, "round \(round)")
      } catch let error as IngestError {
        let text = error.description
        #expect(!text.contains("\n") && text.contains("panel.csv"), "round \(round): \(text)")
      }
    }
  }
}
