import Foundation

/// What scikit-learn computed; Fixtures/make_sklearn_fixture.py says how.
struct SklearnFixture: Decodable {
  struct Components: Decodable {
    var rows: [[Float?]]
    var probes: [[Float?]]
    var count: Int
    var variances: [Double]
    var contributions: [[Double]]
  }

  struct Fit: Decodable {
    var penalty: Double
    var coefficients: [[Double]]
    var intercepts: [Double]
  }

  struct Ridge: Decodable {
    var series: [[Float?]]
    var lags: Int
    var fits: [Fit]
  }

  var tall: Components
  var wide: Components
  var ridge: Ridge

  static func load() throws -> SklearnFixture {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/sklearn.json")
    return try JSONDecoder().decode(SklearnFixture.self, from: Data(contentsOf: file))
  }
}
