import Baselines
import Detection
import ErrorScores
import Features
import LinearAlgebra
import Telemetry
import Testing

/// A service of three channels that follow each other, with gaps, missing values and a fault.
struct Stream {
  static let channels = ["requests", "cpu", "queue"]
  static let fault = 520..<540

  var history: ServiceHistory

  init(count: Int = 700, fitted: Range<Int> = 0..<300) {
    var stream = Philox(seed: 17, purpose: "stream")
    var last: [Float] = [0, 0, 0]
    let observations = (0..<count).map { index -> Observation in
      let noise = (0..<3).map { _ in stream.uniformFloat() - 0.5 }
      last = [0.8 * last[0] + noise[0], 0.5 * last[0] + 0.2 * noise[1], noise[2]]
      var channels = last
      // The second channel no longer follows the first, within its usual range.
      if Self.fault.contains(index) { channels[1] = -2 * channels[1] - 1 }
      if index % 90 == 40 { channels[2] = .nan }
      if index % 200 == 150 { channels = [.nan, .nan, .nan] }
      return Observation(
        time: Timestamp(seconds: Int64(60 * (index + 1))), channels: channels,
        features: channels + channels.map { $0 * 2 }, isWarm: index > 5)
    }
    history = ServiceHistory(
      service: "cart", channels: Self.channels, observations: observations,
      isFitted: (0..<count).map { fitted.contains($0) })
  }

  /// A model that has learned from the cells after those it is fitted on.
  func quietFitted<Model: QuietFitted>(_ model: Model) throws -> Model {
    var (model, cells) = (model, [[Float]]())
    var detector = try #require(model.combiningDetector(for: "cart"))
    for (index, observation) in history.observations[..<500].enumerated() {
      let deviations = detector.deviations(observation)
      if index >= 300 { cells.append(deviations) }
    }
    model.fit(quiet: cells, service: "cart")
    return model
  }

  func scores(_ model: some DetectorModel) throws -> [Float] {
    var detector = try #require(model.detector(for: "cart"))
    return history.observations.map { detector.score($0) }
  }
}

@Suite struct ErrorScoreTests {
  static let scores: [ErrorScore] = [
    .smoothed, .dynamicThreshold(.init(window: 200)), .mahalanobis(.ledoitWolf),
    .mahalanobis(.oracleApproximating), .exceedance(coverage: 0.98),
  ]

  private func model(_ score: ErrorScore, _ stream: Stream, smoothing: Int = 5) throws
    -> AutoregressionModel
  {
    try stream.quietFitted(
      AutoregressionModel(
        fitting: [stream.history], lags: 2, errors: ErrorModel(score: score, smoothing: smoothing)))
  }

  @Test(arguments: scores) func `a channel that stops following stands out`(
    score: ErrorScore
  ) throws {
    let stream = Stream()
    let scores = try stream.scores(model(score, stream))
    let quiet = (300..<500).map { scores[$0] }.filter { !$0.isNaN }.sorted()
    let fault = Stream.fault.map { scores[$0] }.max() ?? 0
    #expect(fault > (quiet.last ?? 0), "\(fault)")
  }

  @Test(arguments: scores) func `explanations have the same scores and name the channel`(
    score: ErrorScore
  ) throws {
    let stream = Stream()
    let model = try model(score, stream)
    let scores = try stream.scores(model)
    let detector = try #require(model.detector(for: "cart"))
    var explaining = try #require(detector as? any ChannelExplaining)
    #expect(explaining.explained == .channels)
    for (index, observation) in stream.history.observations.enumerated() {
      let explanation = explaining.explain(observation)
      #expect(explanation.score.bitPattern == scores[index].bitPattern)
      let present = explanation.contributions.filter { !$0.isNaN }
      guard !explanation.score.isNaN else {
        #expect(present.isEmpty)
        continue
      }
      let sum = present.reduce(0, +)
      let expected =
        if case .mahalanobis = score {
          explanation.score * explanation.score * Float(present.count)
        } else {
          explanation.score
        }
      #expect(abs(sum - expected) < 1e-4 * max(1, expected), "\(index): \(sum) of \(expected)")
      if index == Stream.fault.lowerBound + 4 {
        #expect(
          explanation.contributions.indices.max {
            explanation.contributions[$0] < explanation.contributions[$1]
          } == 1)
        #expect(explanation.expected[1] != nil)
      }
    }
  }

  @Test(arguments: scores) func `nothing that comes later changes a score, and copies go on alike`(
    score: ErrorScore
  ) throws {
    let stream = Stream()
    let model = try model(score, stream)
    let scores = try stream.scores(model)
    var detector = try #require(model.detector(for: "cart"))
    for index in 0..<350 {
      #expect(
        detector.score(stream.history.observations[index]).bitPattern == scores[index].bitPattern)
    }
    var copy = detector
    _ = detector.score(stream.history.observations[600])
    for index in 350..<700 {
      #expect(copy.score(stream.history.observations[index]).bitPattern == scores[index].bitPattern)
    }
  }

  @Test func `an unsmoothed distance is that of the errors present`() throws {
    let stream = Stream()
    let model = try model(.mahalanobis(.ledoitWolf), stream, smoothing: 1)
    guard case .distance(let distance) = model.errors.quiet["cart"] else {
      Issue.record("no distance was fitted")
      return
    }
    let scores = try stream.scores(model)
    var detector = try #require(model.combiningDetector(for: "cart"))
    for (index, observation) in stream.history.observations.enumerated() {
      let errors = detector.deviations(observation)
      let present = errors.indices.filter { !errors[$0].isNaN }
      guard !present.isEmpty else { continue }
      let parts = try #require(distance.marginal(of: present)).parts(errors)
      let expected = (parts.squared / Double(present.count)).squareRoot()
      #expect(abs(Double(scores[index]) - expected) < 1e-4 * max(1, expected))
    }
  }
}
