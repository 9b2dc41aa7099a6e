import DetectionMetrics
import Testing

@Suite struct NABScoreTests {
  struct NABCase: Decodable, Sendable {
    let kind: String
    let name: String
    let count: Int
    let alarms: [Int]
    let windows: [[Int]]
    let scores: [String: Double]

    func score(_ profile: NABProfile) throws -> NABScore {
      var labels = [Bool](repeating: false, count: count)
      for alarm in alarms { labels[alarm] = true }
      let ranges = try EventRanges(windows.map { $0[0]..<$0[1] + 1 }, count: count)
      return try nabScore(alarms: EventRanges(labels), windows: ranges, profile: profile)
    }
  }

  static let profiles: [String: NABProfile] = [
    "standard": .standard, "reward_low_FP_rate": .rewardLowFalsePositives,
    "reward_low_FN_rate": .rewardLowFalseNegatives,
  ]

  @Test func `the scores the benchmark publishes come out, as precisely as it prints them`() throws
  {
    let cases = try saved("nab.json", as: [NABCase].self).filter { $0.kind == "published" }
    #expect(cases.count == 6)
    for saved in cases {
      let standard = try saved.score(.standard).raw
      #expect(close(standard, saved.scores["standard"], within: 1e-12), "\(saved.name)")
      let lowFN = try saved.score(.rewardLowFalseNegatives).raw
      #expect(close(lowFN, saved.scores["reward_low_FN_rate"], within: 1e-11), "\(saved.name)")
    }
  }

  @Test func `scoring point by point agrees to 1e-9 on random alarms in all profiles`() throws {
    let cases = try saved("nab.json", as: [NABCase].self).filter { $0.kind == "random" }
    #expect(cases.count == 12)
    for saved in cases {
      for (name, profile) in Self.profiles {
        let found = try saved.score(profile).raw
        #expect(close(found, saved.scores[name], within: 1e-9), "\(saved.name), \(name)")
      }
    }
  }

  @Test func `alarms at the starts of windows score 100 and no alarm scores 0`() throws {
    let windows = try EventRanges([40..<60, 80..<90], count: 100)
    let starts = try EventRanges([40..<41, 80..<81], count: 100)
    let none = try EventRanges([], count: 100)
    for profile in Self.profiles.values {
      let perfect = try nabScore(alarms: starts, windows: windows, profile: profile)
      #expect(close(perfect.normalized, 100, within: 1e-12))
      #expect(try nabScore(alarms: none, windows: windows, profile: profile).normalized == 0)
    }
  }

  @Test func `only the first alarm of a window pays, and earlier alarms pay more`() throws {
    let windows = try EventRanges([40..<60], count: 100)
    func raw(_ alarms: Range<Int>) throws -> Double {
      try nabScore(
        alarms: EventRanges([alarms], count: 100), windows: windows, profile: .standard
      ).raw
    }
    #expect(try raw(45..<46) == raw(45..<60))
    #expect(try raw(41..<42) > raw(55..<56))
    #expect(try raw(55..<56) > 0)
  }

  @Test func `a false alarm just behind a window costs less than one far away`() throws {
    let windows = try EventRanges([40..<60], count: 200)
    func raw(_ alarm: Int) throws -> Double {
      try nabScore(
        alarms: EventRanges([alarm..<alarm + 1], count: 200), windows: windows, profile: .standard
      ).raw
    }
    #expect(try raw(60) > raw(70))
    #expect(try raw(70) > raw(190))
    #expect(close(try raw(190), -1.11, within: 1e-12))
    #expect(close(try raw(35), -1.11, within: 1e-12))
  }

  @Test func `probationary points count neither way`() throws {
    let windows = try EventRanges([2..<6, 40..<60], count: 100)
    let alarms = try EventRanges([0..<15], count: 100)
    let found = try nabScore(alarms: alarms, windows: windows, profile: .standard)
    #expect(found.raw == -1)
    #expect(found.null == -1)
    #expect(found.perfect == 1)
    // Of more than 5,000 points, 750 are probationary.
    let long = try nabScore(
      alarms: EventRanges([749..<751], count: 9000), windows: EventRanges([], count: 9000),
      profile: .standard)
    #expect(close(long.raw, -0.11, within: 1e-12))
    #expect(long.normalized == nil)
  }

  @Test func `a corpus is normalised after its series are added`() throws {
    let first = try nabScore(
      alarms: EventRanges([40..<41], count: 100), windows: EventRanges([40..<60], count: 100),
      profile: .standard)
    let second = try nabScore(
      alarms: EventRanges([], count: 100), windows: EventRanges([40..<60], count: 100),
      profile: .standard)
    #expect(close((first + second).normalized, 50, within: 1e-12))
  }
}
