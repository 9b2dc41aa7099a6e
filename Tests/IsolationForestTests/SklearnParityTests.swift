import Foundation
import IsolationForest
import LinearAlgebra
import Testing

/// Equal rows and parameters must rank and spread as scikit-learn's forest does.
@Suite struct SklearnParityTests {
  private static let seeds = 10

  /// Our scores averaged over as many seeds as the reference's.
  private func meanScores(
    _ rows: Matrix, _ configuration: IsolationForestConfiguration
  ) throws -> [Float] {
    var sums = [Double](repeating: 0, count: rows.rows)
    for seed in 0..<Self.seeds {
      let forest = try IsolationForest.fit(rows, configuration: configuration, seed: UInt64(seed))
      for (row, score) in forest.scores(rows).enumerated() { sums[row] += Double(score) }
    }
    return sums.map { Float($0 / Double(Self.seeds)) }
  }

  private func expectAgreement(_ ours: [Float], _ theirs: [Float]) {
    let correlation = rankCorrelation(ours, theirs)
    #expect(correlation > 0.99)
    func mean(_ values: [Float]) -> Double {
      values.reduce(0) { $0 + Double($1) } / Double(values.count)
    }
    #expect(abs(mean(ours) - mean(theirs)) < 0.01)
    let (a, b) = (ours.map(Double.init).sorted(), theirs.map(Double.init).sorted())
    for probability in [0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1] {
      let difference = quantile(ofSorted: a, probability) - quantile(ofSorted: b, probability)
      #expect(abs(difference) < 0.015, "quantile \(probability)")
    }
  }

  @Test(arguments: [
    ("clusters.csv", IsolationForestConfiguration(trees: 100, subsample: 256)),
    ("mixed.csv", IsolationForestConfiguration(trees: 200, subsample: 64, maxFeatures: 0.5)),
  ])
  func `scores agree with saved ones`(
    file: String, configuration: IsolationForestConfiguration
  ) throws {
    let (rows, scores) = try Fixture.scored(file)
    expectAgreement(try meanScores(rows, configuration), scores)
    let single = try IsolationForest.fit(rows, configuration: configuration, seed: 77).scores(rows)
    #expect(rankCorrelation(single, scores) > 0.95)
  }

  @Test(
    .enabled(if: Peer.python != nil, "set AUTOPILOT_PEERS_PYTHON to a Python with scikit-learn"))
  func `scores agree with live ones`() throws {
    var rows = normalRows(2_000, 7, seed: 21)
    for row in 0..<2_000 {
      rows[row, 1] = rows[row, 1].rounded()
      rows[row, 2] = rows[row, 2] * rows[row, 2] * rows[row, 2]
      rows[row, 3] = rows[row, 0] + 0.1 * rows[row, 3]
    }
    let configuration = IsolationForestConfiguration(trees: 150, subsample: 200, maxFeatures: 0.8)
    let theirs = try liveScores(rows, configuration)
    try #require(theirs.count == rows.rows)
    expectAgreement(try meanScores(rows, configuration), theirs)
  }

  private func liveScores(
    _ rows: Matrix, _ configuration: IsolationForestConfiguration
  ) throws -> [Float] {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "rows.csv")
    let lines = (0..<rows.rows).map { rows.row($0).map { "\($0)" }.joined(separator: ",") }
    try lines.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
    let output = try Peer.run(
      Fixture.folder.appending(path: "sklearn_scores.py"),
      [
        file.path, "\(configuration.trees)", "\(configuration.subsample)",
        "\(configuration.maxFeatures)", "\(Self.seeds)",
      ])
    return try output.split(separator: "\n").map { try #require(Float($0)) }
  }
}
