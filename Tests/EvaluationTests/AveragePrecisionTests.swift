import Evaluation
import Foundation
import Storage
import Testing

@Suite struct AveragePrecisionTests {
  @Test func `scikit-learn agrees to 1e-12 on every saved case`() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/average_precision.json")
    let bytes = [UInt8](try Data(contentsOf: path))
    let cases = try JSONDocument(JSONValue(parsing: bytes, source: "fixture"), source: "fixture")
      .elements
    #expect(cases.count == 12)
    for saved in cases {
      let scores = try saved["scores"].elements.map { Float(try $0.number) }
      let labels = try saved["labels"].elements.map { try $0.integer == 1 }
      let found = averagePrecision(scores: scores, positive: labels)
      let name = try saved["name"].string
      if labels.contains(true) {
        let expected = try saved["expected"].number
        #expect(abs(try #require(found) - expected) < 1e-12, "\(name)")
      } else {
        // scikit-learn warns and answers 0, which looks like a bad detector.
        #expect(found == nil, "\(name)")
      }
    }
  }

  @Test func `a hand-computed curve has the area of its steps`() throws {
    // Precision is 1/1 at recall 1/3, 2/3 at 2/3 and 3/5 at 1.
    let area = averagePrecision(
      scores: [9, 8, 7, 6, 5], positive: [true, false, true, false, true])
    let steps: [Double] = [1, 2 / 3, 3 / 5]
    let expected = steps.reduce(0, +) / 3
    #expect(abs(try #require(area) - expected) < 1e-15)
  }

  @Test func `equal scores form one step whatever their order`() {
    let a = averagePrecision(scores: [1, 1, 1, 1], positive: [true, false, false, false])
    let b = averagePrecision(scores: [1, 1, 1, 1], positive: [false, false, false, true])
    #expect(a == 0.25)
    #expect(b == 0.25)
  }

  @Test func `no cells and no positive cells have no area`() {
    #expect(averagePrecision(scores: [], positive: []) == nil)
    #expect(averagePrecision(scores: [1, 2], positive: [false, false]) == nil)
  }

  @Test func `minus zero ties with zero`() {
    #expect(averagePrecision(scores: [-0.0, 0], positive: [true, false]) == 0.5)
    #expect(averagePrecision(scores: [0, -0.0], positive: [true, false]) == 0.5)
  }

  @Test(arguments: 0..<20)
  func `the order of cells and a monotone transform change nothing`(seed: UInt64) {
    var random = SplitMix(state: seed)
    let count = Int.random(in: 1...300, using: &random)
    let pairs = (0..<count).map { _ in
      // Quarters tie often and stay distinct under the transform.
      (
        Float(Int.random(in: 0...40, using: &random)) / 4,
        Int.random(in: 0...3, using: &random) == 0
      )
    }
    let expected = averagePrecision(scores: pairs.map(\.0), positive: pairs.map(\.1))
    let shuffled = pairs.shuffled(using: &random)
    #expect(averagePrecision(scores: shuffled.map(\.0), positive: shuffled.map(\.1)) == expected)
    let factor = Float.random(in: 0.1...10, using: &random)
    let bent = pairs.map { ($0.0 * factor).squareRoot() + $0.0 * $0.0 }
    #expect(averagePrecision(scores: bent, positive: pairs.map(\.1)) == expected)
  }

  @Test func `random scores come close to the prevalence`() throws {
    var random = SplitMix(state: 7)
    let scores = (0..<100_000).map { _ in Float.random(in: 0..<1, using: &random) }
    let labels = scores.map { _ in Int.random(in: 0..<20, using: &random) == 0 }
    let area = try #require(averagePrecision(scores: scores, positive: labels))
    let prevalence = Double(labels.count { $0 }) / Double(labels.count)
    #expect(abs(area - prevalence) < 0.005)
  }

  @Test func `an infinite score traps`() async {
    await #expect(processExitsWith: .failure) {
      _ = averagePrecision(scores: [.infinity], positive: [true])
    }
  }
}
