import Foundation

/// Figures that NumPy computed; Fixtures/make_fixture.py says how.
struct NumpyFixture: Decodable {
  struct Quantiles: Decodable {
    var values: [Double]
    var probabilities: [Double]
    var expected: [Double]
  }

  struct Summary: Decodable {
    /// Nil where NaN.
    var values: [Double?]
    var median: Double
    var scale: Double
  }

  var quantiles: [Quantiles]
  var summaries: [Summary]
  var rows: [[Float]]
  var means: [Double]
  var covariance: [[Double]]
  var eigenvalues: [Double]

  static func load() throws -> NumpyFixture {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/numpy.json")
    return try JSONDecoder().decode(NumpyFixture.self, from: Data(contentsOf: file))
  }
}
