import Foundation
import LinearAlgebra

/// What scikit-learn and NumPy computed; Fixtures/make_fixture.py says how.
struct PeerFixture: Decodable {
  struct Shrunk: Decodable {
    var shrinkage: Double
    var covariance: [[Double]]
  }

  struct Distance: Decodable {
    /// Nil where missing.
    var errors: [Float?]
    var squared: Double
    /// Of the errors present.
    var contributions: [Double]
  }

  struct Covariances: Decodable {
    enum CodingKeys: String, CodingKey {
      case rows, oas, distances
      case ledoitWolf = "ledoit_wolf"
    }

    var rows: [[Float]]
    var ledoitWolf: Shrunk
    var oas: Shrunk
    var distances: [Distance]

    var matrix: Matrix {
      Matrix(rows: rows.count, columns: rows[0].count, elements: rows.flatMap { $0 })
    }
  }

  struct Telemanom: Decodable {
    struct Cell: Decodable {
      /// Nil where pruned.
      var severity: Double?
      var state: String
      var threshold: Double?
    }

    var window: Int
    var fewest: Int
    var pruning: Double
    var errors: [Double]
    var cells: [Cell]
  }

  var covariances: [Covariances]
  var telemanom: Telemanom

  static func load() throws -> PeerFixture {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/peers.json")
    return try JSONDecoder().decode(PeerFixture.self, from: Data(contentsOf: file))
  }
}
