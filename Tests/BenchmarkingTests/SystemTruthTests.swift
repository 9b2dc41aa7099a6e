import Benchmarking
import Ingest
import Telemetry
import Testing

private let grid = TimeGrid(first: Timestamp(seconds: 60), interval: .minutes(1), count: 10)

private func incident(_ start: Int64, _ end: Int64, _ role: Incident.Role) -> Incident {
  Incident(
    id: "\(end)", service: "cart", kind: "fault", start: Timestamp(seconds: start),
    resolved: Timestamp(seconds: end), role: role)
}

@Suite struct SystemTruthTests {
  @Test func `an incident lasts as long as the tolerance says`() {
    let truth = SystemTruth([incident(65, 175, .incident)], grid, after: 2)
    // Cells are named by their end: the second one covers 60 to 120 seconds.
    #expect(
      truth.isIncident == [
        false, true, true, true, true, false, false, false, false, false,
      ])
    #expect(!truth.isExcluded.contains(true))
  }

  @Test func `what is doubtful is judged neither way, unless a sure incident is there too`() {
    let truth = SystemTruth(
      [incident(65, 115, .incident), incident(65, 235, .excluded)], grid, after: 0)
    #expect(Array(truth.isIncident.prefix(5)) == [false, true, false, false, false])
    #expect(Array(truth.isExcluded.prefix(5)) == [false, false, true, true, false])
  }

  @Test func `a system is as anomalous as its worst service`() {
    let scores = greatest(of: [[0, .nan, .nan, 3], [1, 2, .nan, .nan], [0.5, 4, .nan, 1]])
    #expect(Array(scores.prefix(2)) == [1, 4])
    #expect(scores[2].isNaN && scores[3] == 3)
    #expect(greatest(of: []).isEmpty)
  }

  @Test func `the microservice system has a protocol of one series`() throws {
    let rules = try #require(BenchmarkProtocol(.nezhaTrainTicket))
    #expect(rules.judgesSystem && rules.toleranceAfter == 2 && rules.vusWindow == 6)
    #expect(BenchmarkProtocol.datasets.contains(.nezhaTrainTicket))
    #expect(BenchmarkProtocol(.loghub) == nil)
  }
}
