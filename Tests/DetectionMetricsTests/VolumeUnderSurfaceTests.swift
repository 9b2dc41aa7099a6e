import DetectionMetrics
import Testing

@Suite struct VolumeUnderSurfaceTests {
  @Test func `the authors' implementation agrees to 1e-9 on every saved case`() throws {
    var compared = 0
    for saved in try savedCases() {
      let series = try saved.series()
      for row in saved.volumes {
        let found = try #require(
          try series.volumeUnderSurface(window: row.window, thresholds: row.thresholds))
        let place = "\(saved.name), window \(row.window)"
        #expect(close(found.precisionRecall, row.pr, within: 1e-9), "\(place)")
        #expect(close(found.roc, row.roc, within: 1e-9), "\(place)")
        compared += 1
      }
    }
    #expect(compared == 100)
  }

  @Test func `the first buffers of a larger window are those of a smaller one`() throws {
    let series = try randomSeries(seed: 4)
    let small = try #require(try series.volumeUnderSurface(window: 9))
    let large = try #require(try series.volumeUnderSurface(window: 40))
    #expect(Array(large.precisionRecallByWindow.prefix(10)) == small.precisionRecallByWindow)
    #expect(large.rocByWindow.map { Array($0.prefix(10)) } == small.rocByWindow)
  }

  @Test func `time that runs backwards changes nothing`() throws {
    for seed in UInt64(0)..<10 {
      let series = try randomSeries(seed: seed)
      let mirrored = try ScoredSeries(
        scores: series.scores.reversed(), labels: series.incidents.labels.reversed())
      let (a, b) = (
        try series.volumeUnderSurface(window: 25), try mirrored.volumeUnderSurface(window: 25)
      )
      #expect(close(a?.precisionRecall, b?.precisionRecall, within: 1e-12))
      #expect(close(a?.roc, b?.roc, within: 1e-12))
    }
  }

  @Test func `an alarm just beside an incident counts once there is a buffer`() throws {
    var scores = [Double](repeating: 0, count: 100)
    scores[52] = 1
    let series = try ScoredSeries(
      scores: scores, incidents: EventRanges([40..<50], count: 100))
    let volume = try #require(try series.volumeUnderSurface(window: 10, thresholds: 100))
    #expect(volume.precisionRecallByWindow[10] > volume.precisionRecallByWindow[0])
    #expect(volume.window == 10)
  }

  @Test func `a series that is all incident has no ROC volume`() throws {
    let series = try ScoredSeries(scores: [3, 1, 2], labels: [true, true, true])
    let volume = try #require(try series.volumeUnderSurface(window: 4))
    #expect(volume.roc == nil)
    #expect(abs(volume.precisionRecall - 1) < 1e-12)
  }

  @Test func `a series without an incident has no volume`() throws {
    let series = try ScoredSeries(scores: [3, 1, 2], labels: [false, false, false])
    #expect(try series.volumeUnderSurface(window: 4) == nil)
  }
}
