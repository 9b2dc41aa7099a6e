import Foundation
import LinearAlgebra

/// Scores that NumPy computed; Fixtures/make_fixture.py says how.
struct NumpyFixture: Decodable {
  struct Scored: Decodable {
    var window: Int?
    var rows: [[Float?]]
    var scores: [Double]
  }

  struct Components: Decodable {
    var rows: [[Float?]]
    var probes: [[Float?]]
    var means: [Double]
    var variances: [Double]
    var scores: [Double]
  }

  var components: Components
  var moving: Scored
  var robust: Scored

  static func load() throws -> NumpyFixture {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/numpy.json")
    return try JSONDecoder().decode(NumpyFixture.self, from: Data(contentsOf: file))
  }
}

/// A matrix from rows where nil is missing.
func matrix(_ rows: [[Float?]]) -> Matrix {
  Matrix(
    rows: rows.count, columns: rows[0].count, elements: rows.flatMap { $0.map { $0 ?? .nan } })
}
