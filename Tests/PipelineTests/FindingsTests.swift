import Evaluation
import Pipeline
import Report
import Storage
import Telemetry
import Testing

@Suite struct FindingsTests {
  private func findings(
    threads: Int = 1, _ dataset: Dataset = smallSystem()
  ) async throws -> (judgement: Judgement, findings: ReportFindings) {
    let model = try await train(dataset)
    let judgement = try await JudgementStage(threads: threads, progress: { _ in })(model, dataset)
    return (
      judgement,
      try await FindingsStage(threads: threads, progress: { _ in })(model, dataset, judgement)
    )
  }

  @Test
  func `every incident's story names the metric that was planted and the lines that were new`()
    async throws
  {
    let (judgement, findings) = try await findings()
    #expect(findings.stories.map(\.incident) == judgement.result.rows[0].outcomes.map(\.incident))
    #expect(!findings.stories.isEmpty)
    for story in findings.stories {
      #expect(story.voices.contains { $0.score >= 1 })
      #expect(
        story.voices.contains { voice in voice.causes.contains { $0.contains("cpu") } },
        "\(story)")
      // Lines of the second pattern come one in fifty cells, but twelve in a cell of an incident.
      let line = try #require(story.logs.first)
      #expect(line.text == "queue of <num> jobs is full")
      #expect(line.level == "error")
      #expect(Double(line.lines) > 10 * line.usual)
    }
  }

  @Test func `voices are those of the cell that alarmed first`() async throws {
    let (judgement, findings) = try await findings()
    let outcomes = judgement.result.rows[0].outcomes
    for (story, outcome) in zip(findings.stories, outcomes) where outcome.isFound {
      #expect(story.time == outcome.found)
      #expect(story.service == outcome.foundBy)
      let table = judgement.scores
      let place = try #require(table.services.firstIndex(of: story.service))
      let cell = try #require(
        (0..<table.grid.count).first { table.grid.timestamp(at: $0) == story.time })
      for voice in story.voices {
        let column = try #require(table.names.firstIndex(of: voice.detector))
        #expect(table.scores[place][column][cell] == voice.score, "\(voice.detector)")
      }
      #expect(story.voices.map(\.score) == story.voices.map(\.score).sorted(by: >))
    }
  }

  @Test func `threads change nothing, and stories read back`() async throws {
    let one = try await findings().findings
    let two = try await findings(threads: 2).findings
    #expect(one == two)
    let document = JSONDocument(one.json(), source: "detail")
    #expect(try ReportFindings.stories(in: document) == one.stories)
  }

  @Test func `a metric that moved after training is the first in the list of drift`() async throws {
    var dataset = smallSystem()
    for row in 850..<dataset.grid.count { dataset.services[1].values[row * 3 + 2] += 20 }
    let findings = try await findings(dataset).findings
    let first = try #require(findings.drift.first)
    #expect((first.service, first.metric) == ("payment", "queue"))
    #expect(first.stabilityIndex > DriftRow.strong)
    #expect(first.kolmogorovSmirnov > 0.9)
    #expect(findings.drift.count == 6)
  }
}
