import Evaluation
import Gate
import Pipeline
import Registry
import Scoring
import Storage
import Telemetry
import Testing

@Suite struct GateRunTests {
  private func gate(
    _ candidate: GateSide, _ baseline: GateSide?, _ dataset: Dataset,
    _ change: (inout GatePolicy) -> Void = { _ in }
  ) async throws -> GateResult {
    var policy = GatePolicy()
    policy.needsGoldenSample = false
    change(&policy)
    return try await GateRun(policy, threads: 2, progress: { _ in })(
      candidate: candidate, baseline: baseline, dataset: dataset)
  }

  @Test func `a model is as good as itself`() async throws {
    let scene = try await GateScene()
    let result = try await gate(try scene.side(), try scene.side(), scene.dataset) {
      $0.needsGoldenSample = true
      $0.floors = [.recall: 0.9, .falseAlarms: 5, .medianDelay: 1800]
      $0.tolerances = [.averagePrecision: 0, .recall: 0, .falseAlarms: 0, .vusPrecisionRecall: 0]
    }
    #expect(result.outcome == .passed, "\(result.text())")
    #expect(result.outcome.exitCode == 0)
    let checks = result.findings.map(\.check)
    for check in [
      "golden sample", "floor recall", "tolerance average_precision", "slice kind=cpu",
      "slice service=payment",
    ] {
      #expect(checks.contains(check), "\(checks)")
    }
  }

  @Test func `a model that hears nothing any more is a regression, and the other way round is not`()
    async throws
  {
    let scene = try await GateScene()
    let deaf = try scene.side { $0.deafen() }
    let worse = try await gate(deaf, try scene.side(), scene.dataset)
    #expect(worse.outcome == .regression, "\(worse.text())")
    #expect(worse.findings.first { $0.check == "tolerance recall" }?.outcome == .regression)
    let better = try await gate(try scene.side(), deaf, scene.dataset)
    #expect(better.outcome == .passed, "\(better.text())")
  }

  @Test func `a regression that hides in one part is found there`() async throws {
    let scene = try await GateScene()
    let half = try scene.side { $0.deafen("payment") }
    let result = try await gate(half, try scene.side(), scene.dataset) {
      // The totals alone would let it pass.
      $0.tolerances = [.recall: 0.9]
    }
    #expect(result.findings.first { $0.check == "tolerance recall" }?.outcome == .passed)
    #expect(result.findings.first { $0.check == "slice service=cart" }?.outcome == .passed)
    #expect(result.findings.first { $0.check == "slice service=payment" }?.outcome == .regression)
    #expect(result.findings.first { $0.check == "slice kind=queue" }?.outcome == .regression)
    #expect(result.outcome == .regression)
  }

  @Test func `a single lost incident may be luck`() async throws {
    let scene = try await GateScene()
    // The baseline's boundary is put so that one of eight incidents of cart makes the difference.
    let table = try await ScoreStage(threads: 1, progress: { _ in })(
      scene.model.scoring, scene.dataset)
    let scores = try #require(table.scores[0].last)
    let peaks = scene.dataset.incidents.filter { $0.service == "cart" }.map { incident in
      scene.dataset.grid.indices(touching: incident.start, incident.resolved)
        .map { scores[$0] }.max() ?? 0
    }.sorted()
    let limit = Double(peaks[0] + peaks[1]) / 2
    let one = try scene.side { model in
      model.scoring.ensemble.locations["cart"]?.spread *= limit
    }
    let result = try await gate(one, try scene.side(), scene.dataset) { $0.tolerances = [:] }
    let slice = try #require(result.findings.first { $0.check == "slice service=cart" })
    #expect(slice.outcome == .inconclusive, "\(slice.text)")
    #expect(result.outcome == .inconclusive)
    #expect(result.outcome.exitCode == 3)
  }

  @Test func `a noisy difference is inconclusive in both directions`() async throws {
    let (first, second) = (try await GateScene(seed: 1), try await GateScene(seed: 9))
    func outcome(_ a: GateScene, _ b: GateScene) async throws -> GateFinding {
      let result = try await gate(try a.side(), try b.side(), first.dataset) {
        $0.tolerances = [.averagePrecision: 0]
        $0.slices = nil
      }
      return try #require(result.findings.first { $0.check == "tolerance average_precision" })
    }
    let (there, back) = (try await outcome(first, second), try await outcome(second, first))
    // At most one of the two can be called worse.
    #expect(!(there.outcome == .regression && back.outcome == .regression))
    #expect([there, back].contains { $0.outcome == .inconclusive || $0.outcome == .passed })
  }

  @Test func `data that a model was fitted on allows no comparison`() async throws {
    let scene = try await GateScene()
    let seen = try scene.side { $0.split.train.append(GateScene.range(900..<1600)) }
    let result = try await gate(try scene.side(), seen, scene.dataset)
    #expect(result.outcome == .invalid)
    #expect(result.outcome.exitCode == 4)
    #expect(result.text().contains("seen by neither model"))
  }

  @Test func `time that only the baseline has seen is left out of the test`() async throws {
    let scene = try await GateScene()
    let later = try scene.side { $0.split.calibration.append(GateScene.range(900..<1300)) }
    let result = try await gate(try scene.side(), later, scene.dataset)
    let count = try #require(result.findings.first { $0.check == "incidents" }?.candidate)
    #expect(count == 6)
  }

  @Test func `too few incidents conclude nothing`() async throws {
    let scene = try await GateScene()
    let result = try await gate(try scene.side(), try scene.side(), scene.dataset) {
      $0.leastIncidents = 17
    }
    #expect(result.outcome == .inconclusive)
  }

  @Test func `an artifact whose sample comes out otherwise is not what it says`() async throws {
    let (scene, other) = (try await GateScene(seed: 1), try await GateScene(seed: 9))
    let forged = GateSide(reference: "forged", model: other.model, artifact: scene.artifact)
    let result = try await gate(forged, try scene.side(), scene.dataset)
    #expect(result.outcome == .integrity)
    #expect(result.outcome.exitCode == 5)
    let bare = GateSide(
      reference: "bare", model: scene.model,
      artifact: try ModelArtifact.make(scene.model, evaluation: nil))
    let missing = try await gate(bare, nil, scene.dataset) { $0.needsGoldenSample = true }
    #expect(missing.outcome == .integrity)
  }

  @Test func `floors, sizes and drift count without a baseline`() async throws {
    let scene = try await GateScene()
    let good = try await gate(try scene.side(), nil, scene.dataset) { $0.floors = [.recall: 0.5] }
    #expect(good.outcome == .passed)
    let high = try await gate(try scene.side(), nil, scene.dataset) {
      $0.floors = [.precision: 1.01]
    }
    #expect(high.outcome == .regression)
    let large = try await gate(try scene.side(), nil, scene.dataset) { $0.artifactBytes = 1000 }
    #expect(large.outcome == .regression)
    var moved = scene.dataset
    for row in 900..<1600 { moved.services[0].values[row * 3 + 2] += 9 }
    let drifted = try await gate(try scene.side(), nil, moved) {
      $0.drift = .init()
      $0.drift?.share = 0.1
    }
    #expect(drifted.findings.first { $0.check == "drift" }?.outcome == .invalid)
  }
}
