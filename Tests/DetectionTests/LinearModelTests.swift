import Baselines
import Detection
import Features
import Telemetry
import Testing

@Suite struct AutoregressionModelTests {
  @Test func `there is no forecast until the lags are full, at the start and after a gap`() throws {
    let stream = Stream()
    let model = try AutoregressionModel(
      fitting: [stream.history], lags: 3, errors: ErrorModel(smoothing: 1))
    let scores = try stream.scores(model)
    let empty = stream.history.observations.indices.filter {
      !stream.history.observations[$0].hasData
    }
    #expect(empty == [150, 350, 550])
    let silent = Set([0, 1, 2] + empty.flatMap { [$0, $0 + 1, $0 + 2, $0 + 3] })
    #expect(Set(scores.indices.filter { scores[$0].isNaN }) == silent)
  }

  @Test func `only fitted observations are learned from`() throws {
    let stream = Stream()
    var changed = stream.history
    for index in 300..<700 { changed.observations[index].channels = [9, -9, 9] }
    let configuration = ErrorModel(smoothing: 4)
    let ours = try AutoregressionModel(fitting: [stream.history], lags: 2, errors: configuration)
    let theirs = try AutoregressionModel(fitting: [changed], lags: 2, errors: configuration)
    #expect(ours.forecasters == theirs.forecasters && ours.errors == theirs.errors)
  }

  @Test func `a service with less than its lags has no detector`() throws {
    let stream = Stream(fitted: 0..<3)
    let model = try AutoregressionModel(
      fitting: [stream.history], lags: 3, errors: ErrorModel(smoothing: 1))
    #expect(model.detector(for: "cart") == nil)
    #expect(model.detector(for: "other") == nil)
  }
}

@Suite struct ComponentsModelTests {
  @Test func `explanations name features, and their errors add up`() throws {
    let stream = Stream()
    let model = try ComponentsModel(fitting: [stream.history])
    let scores = try stream.scores(model)
    let detector = try #require(model.detector(for: "cart"))
    var explaining = try #require(detector as? any ChannelExplaining)
    #expect(explaining.explained == .features)
    for (index, observation) in stream.history.observations.enumerated() {
      let explanation = explaining.explain(observation)
      #expect(explanation.score.bitPattern == scores[index].bitPattern)
      guard !explanation.score.isNaN else { continue }
      let sum = explanation.contributions.filter { !$0.isNaN }.reduce(0, +)
      #expect(abs(sum - explanation.score) < 1e-5 * max(1, sum))
    }
  }

  @Test func `a window sees what one row does not`() throws {
    // Each row of the fault is usual by itself; that the first channel jumps is not.
    let stream = Stream()
    var history = stream.history
    for index in history.observations.indices {
      let level: Float = (index / 10) % 2 == 0 ? 1 : -1
      let shaken: Float = index % 2 == 0 ? 1 : -1
      history.observations[index].channels = [
        (Stream.fault.contains(index) ? shaken : level) + history.observations[index].channels[2]
          * 0.1, 0, 0,
      ]
    }
    func extremes(_ window: Int) throws -> (quiet: Float, fault: Float) {
      let model = try WindowedComponentsModel(fitting: [history], window: window)
      var detector = try #require(model.detector(for: "cart"))
      let scores = history.observations.map { detector.score($0) }
      let quiet = scores[300..<500].filter { !$0.isNaN }.max() ?? 0
      let fault = Stream.fault.dropFirst(8).map { scores[$0] }.filter { !$0.isNaN }.min() ?? 0
      return (quiet, fault)
    }
    #expect(try extremes(1).fault < 1e-6)
    let windowed = try extremes(8)
    #expect(windowed.fault > 2 * windowed.quiet)
  }

  @Test func `a window is full again its length after a gap, and explains by channel`() throws {
    let stream = Stream()
    let model = try WindowedComponentsModel(fitting: [stream.history], window: 4)
    let scores = try stream.scores(model)
    #expect(
      scores.indices.filter { scores[$0].isNaN } == [
        0, 1, 2, 150, 151, 152, 153, 350, 351, 352, 353, 550, 551, 552, 553,
      ])
    let detector = try #require(model.detector(for: "cart"))
    var explaining = try #require(detector as? any ChannelExplaining)
    for (index, observation) in stream.history.observations.enumerated() {
      let explanation = explaining.explain(observation)
      #expect(explanation.score.bitPattern == scores[index].bitPattern)
      #expect(explanation.contributions.count == 3 && explanation.expected.count == 3)
      guard !explanation.score.isNaN else { continue }
      let sum = explanation.contributions.filter { !$0.isNaN }.reduce(0, +)
      #expect(abs(sum - explanation.score) < 1e-5 * max(1, sum))
    }
  }
}
