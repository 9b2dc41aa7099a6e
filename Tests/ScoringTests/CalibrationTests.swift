import LinearAlgebra
import Scoring
import Storage
import Testing

private func scores(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
  var generator = Philox(seed: seed, purpose: "scores")
  return (0..<count).map { _ in
    let sum = (0..<4).reduce(Float(0)) { total, _ in total + generator.uniformFloat() }
    return 5 + sum * scale
  }
}

@Suite struct CalibrationTests {
  @Test func `at most the allowed share of calibration cells lies above the boundary`() throws {
    for exceedance in [0.0005, 0.001, 0.01] {
      let raw = ["a": scores(3000, seed: 1), "b": scores(2000, seed: 2, scale: 50)]
      let calibration = try Calibration(
        fitting: raw, rule: .quantile(exceedance: exceedance), detector: "d")
      let above = raw.flatMap { service, values in
        values.map { calibration.score($0, service: service) }
      }.count { $0 > 1 }
      #expect(Double(above) <= exceedance * 5000)
      #expect(Double(above) >= exceedance * 5000 - 1)
    }
  }

  @Test func `services of different scales come to the same scale`() throws {
    let calm = scores(4000, seed: 1)
    let calibration = try Calibration(
      fitting: ["calm": calm, "wild": calm.map { $0 * 5 }], rule: .quantile(exceedance: 0.01),
      detector: "d")
    for value in calm.prefix(100) {
      let a = calibration.score(value, service: "calm")
      let b = calibration.score(value * 5, service: "wild")
      #expect(abs(a - b) < 1e-3)
    }
  }

  @Test func `scores are at least 0, rise with the raw score, and NaN stays NaN`() throws {
    let calibration = try Calibration(
      fitting: ["a": scores(1000, seed: 3)], rule: .quantile(exceedance: 0.01), detector: "d")
    let rising = stride(from: Float(-10), to: 100, by: 0.5).map {
      calibration.score($0, service: "a")
    }
    #expect(rising.allSatisfy { $0 >= 0 })
    #expect(zip(rising, rising.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(calibration.score(.nan, service: "a").isNaN)
  }

  @Test func `a service that stood still answers to a move, but not to rounding`() throws {
    var raw = ["still": [Float](repeating: 2, count: 500)]
    raw["normal"] = scores(500, seed: 5)
    let calibration = try Calibration(
      fitting: raw, rule: .quantile(exceedance: 0.01), detector: "d")
    #expect(calibration.score(2.0000002, service: "still") < 1)
    #expect(calibration.score(9, service: "still") > 1)
  }

  @Test func `a service without calibration cells takes the typical location`() throws {
    let calibration = try Calibration(
      fitting: ["a": scores(500, seed: 1), "b": [.nan, .nan]], rule: .quantile(exceedance: 0.01),
      detector: "d")
    #expect(calibration.score(6, service: "b") == calibration.score(6, service: "a"))
  }

  @Test func `nothing to calibrate on is an error that names the detector`() {
    #expect(throws: ScoringError.nothingToCalibrate(detector: "lstm")) {
      try Calibration(fitting: ["a": [.nan]], rule: .quantile(exceedance: 0.01), detector: "lstm")
    }
  }

  @Test func `a calibration survives its JSON document and refuses a boundary of 0`() throws {
    let calibration = try Calibration(
      fitting: ["a": scores(100, seed: 1)], rule: .quantile(exceedance: 0.01), detector: "d")
    let read = try Calibration(json: JSONDocument(calibration.json(), source: "c"))
    #expect(read == calibration)
    guard case .object(var members) = calibration.json() else { return #expect(Bool(false)) }
    members["boundary"] = 0
    #expect(throws: StorageError.self) {
      try Calibration(json: JSONDocument(.object(members), source: "c"))
    }
  }
}
