import Baselines
import LinearAlgebra
import Testing

@Suite struct RangeRuleTests {
  @Test func `the score is the distance outside of the range so far in its widths`() {
    var rule = RangeRule(columns: 2)
    #expect(rule.score([10, 0]) == 0)
    #expect(rule.score([20, 0]) > 0)
    #expect(rule.score([25, 0]) == 0.5)
    #expect(rule.score([25, 0]) == 0)
    #expect(rule.score([7, .nan]) == 0.2)
    #expect(rule.score([15, -1]) > 1000)
  }

  @Test func `a column that never moved has a width of three hundredths of its size`() {
    var rule = RangeRule(columns: 1)
    _ = rule.score([100])
    #expect(abs(rule.score([106]) - 2) < 1e-6)
  }
}

@Suite struct SeasonalNaiveTests {
  @Test func `yesterday repeated scores nothing, and a shift scores its usual size`() {
    let rows: [[Float]] = (0..<40).map { row in
      let shift: Float = row / 4 % 2 == 0 ? 0 : 1
      return [Float(row % 4) + shift]
    }
    var naive = SeasonalNaive(
      fitting: rows, isFitted: Array(repeating: true, count: 40), season: 4)
    #expect(abs(naive.usual[0] - 1.4826) < 1e-12)
    for row in rows.prefix(4) { #expect(naive.score(row[...]).isNaN) }
    #expect(naive.score([0]) == 0)
    #expect(abs(naive.score([4]) - Float(3 / 1.4826)) < 1e-6)
  }

  @Test func `without two values there is no score`() {
    var naive = SeasonalNaive(fitting: [[1], [2]], isFitted: [true, true], season: 5)
    #expect(naive.usual[0].isNaN)
    #expect(naive.score([1]).isNaN)
  }
}

@Suite struct MedianDeviationTests {
  @Test func `the column farthest from its median decides`() {
    let rows: [[Float]] = [[1, 5], [2, 5], [3, 5], [4, 5], [5, 5], [.nan, 5]]
    let detector = MedianDeviation(fitting: rows)
    #expect(detector.medians == [3, 5])
    #expect(abs(detector.scales[0] - 1.4826) < 1e-12 && abs(detector.scales[1] - 0.15) < 1e-12)
    #expect(abs(detector.score([6, 5]) - Float(3 / 1.4826)) < 1e-6)
    #expect(abs(detector.score([3, 6.5]) - 10) < 1e-5)
    #expect(detector.score([.nan, .nan]).isNaN)
  }
}
