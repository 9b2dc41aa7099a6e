import Diagnostics
import Evaluation
import Experiments
import Storage
import Telemetry
import Testing

@Suite struct ComparedRunTests {
  private let folder: TemporaryFolder
  private let grid = TimeGrid(first: Timestamp(seconds: 60), interval: .minutes(1), count: 60)

  init() throws { folder = try TemporaryFolder() }

  private func result(_ test: Range<Int> = 0..<60) throws -> EvaluationResult {
    let incident = Incident(
      id: "A", service: "a,b", kind: "x", start: grid.timestamp(at: 20),
      resolved: grid.timestamp(at: 30))
    let scores = ["a,b", "c"].map {
      ServiceScores(service: $0, scores: (0..<60).map { Float($0) / 30 })
    }
    let seal = try ThresholdSeal(
      boundaries: [.init(detector: "ensemble", value: 1)], seen: [], digest: "d")
    return try evaluate(
      [DetectorScores(name: "ensemble", services: scores)],
      against: SealedLabels([incident]).open(with: seal),
      plan: EvaluationPlan(
        grid: grid,
        test: [
          TimeRange(
            start: grid.timestamp(at: test.lowerBound - 1),
            end: grid.timestamp(at: test.upperBound - 1))
        ]))
  }

  private func csv(_ score: (Int) -> String = { "\(Float($0) / 30)" }) -> String {
    var text = "time,service,lstm,ensemble\n"
    for service in ["\"a,b\"", "c"] {
      for cell in 0..<60 {
        text += "\(grid.timestamp(at: cell)),\(service),\(cell == 3 ? "" : "0.5"),\(score(cell))\n"
      }
    }
    return text
  }

  private func write(_ name: String, _ scores: String, test: Range<Int> = 0..<60) throws {
    try folder.write("\(name)/evaluation.json", try result(test).json().text(indented: true))
    try folder.write("\(name)/scores.csv", scores)
  }

  private func load(_ name: String) throws -> ComparedRun {
    try ComparedRun("\(folder.path)/\(name)") { try RunStore(opening: folder.path) }
  }

  @Test func `scores read back bit for bit, by folder, file and id`() throws {
    try write("a", csv())
    var record = sample()
    record.folder = "\(folder.path)/a"
    let id = try RunStore(creatingIn: folder.path).record(record)
    for run in [
      try load("a"), try load("a/evaluation.json"), try load("a/scores.csv"),
      try ComparedRun(id) { try RunStore(opening: folder.path) },
    ] {
      #expect(run.detectors.map(\.name) == ["lstm", "ensemble"])
      let ensemble = try #require(run.scores(of: "ensemble"))
      #expect(ensemble.services.map(\.service) == ["a,b", "c"])
      #expect(ensemble.services[1].scores == (0..<60).map { Float($0) / 30 })
      #expect(run.scores(of: "lstm")?.services[0].scores[3].isNaN == true)
    }
  }

  @Test func `scores of something else name their line`() throws {
    let lines = csv().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    func reason(_ change: (inout [String]) -> Void) throws -> String {
      var changed = lines
      change(&changed)
      try write("bad", changed.joined(separator: "\n"))
      do {
        _ = try load("bad")
        return "nothing"
      } catch let error as ExperimentsError {
        #expect(error.kind == .invalidInput)
        return error.description
      }
    }
    #expect(try reason { $0[4] += ",1" }.contains("scores.csv:5: 5 fields instead of 4"))
    #expect(try reason { $0.remove(at: 7) }.contains(":8:"))
    #expect(
      try reason { $0[9] = $0[9].replacing("0.5", with: "half") }.contains("'half' is no score"))
    #expect(try reason { $0.removeLast(3) }.contains("ends before the last cell"))
    #expect(try reason { $0[0] = "time,service" }.contains(":1:"))
    #expect(try reason { $0[5] = "\"" + $0[5] }.contains("quote"))
  }

  @Test func `what cannot be compared is refused with the reason`() throws {
    try write("a", csv())
    try write("b", csv(), test: 10..<60)
    try write("c", csv().split(separator: "\n").prefix(61).joined(separator: "\n"))
    func refusal(_ second: String, _ detector: String = "ensemble") throws -> String {
      do {
        _ = try RunComparison(load("a"), load(second), detectors: [detector])
        return "nothing"
      } catch let error as ExperimentsError {
        #expect(error.kind == .invalidInput)
        return error.description
      }
    }
    #expect(try refusal("a") == "nothing")
    #expect(try refusal("b").contains("different test times"))
    #expect(try refusal("c").contains("different services, such as c"))
    #expect(try refusal("a", "forest").contains("both have lstm, ensemble"))
    #expect(throws: ExperimentsError.self) { try load("runs") }
    try folder.write("d/evaluation.json", "{}")
    #expect(throws: ExperimentsError.self) { try load("d") }
  }
}
