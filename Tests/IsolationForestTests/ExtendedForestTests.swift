import Foundation
import IsolationForest
import LinearAlgebra
import Testing

/// Hyperplanes against splits on one column: Hariri, Carrasco Kind and Brunner (2019).
@Suite struct ExtendedForestTests {
  @Test func `scores agree with saved ones of isotree`() throws {
    let (rows, theirs) = try Fixture.scored("extended.csv")
    let configuration = IsolationForestConfiguration(subsample: 128, extensionLevel: 1)
    var sums = [Double](repeating: 0, count: rows.rows)
    for seed in 0..<20 {
      let forest = try IsolationForest.fit(rows, configuration: configuration, seed: UInt64(seed))
      for (row, score) in forest.scores(rows).enumerated() { sums[row] += Double(score) }
    }
    let ours = sums.map { Float($0 / 20) }
    #expect(rankCorrelation(ours, theirs) >= 0.99)
    let differences = zip(ours, theirs).map { abs($0 - $1) }
    #expect(differences.max() ?? 1 < 0.03)
  }

  /// One blob, whose scores should be the same all around.
  private func spreadOnCircle(_ level: Int) throws -> Double {
    let rows = normalRows(1_000, 2, seed: 3)
    let circle = (0..<72).map { step -> [Float] in
      let angle = Float(step) * .pi / 36
      return [3.5 * cosf(angle), 3.5 * sinf(angle)]
    }
    var means = [Double](repeating: 0, count: 72)
    for seed in 0..<10 {
      let forest = try IsolationForest.fit(
        rows, configuration: .init(trees: 200, extensionLevel: level), seed: UInt64(seed))
      for (place, point) in circle.enumerated() {
        means[place] += Double(forest.score(point[...])) / 10
      }
    }
    let mean = means.reduce(0, +) / 72
    return (means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 72).squareRoot()
  }

  @Test func `the bands along the axes disappear`() throws {
    let (axis, extended) = (try spreadOnCircle(0), try spreadOnCircle(1))
    #expect(axis > 2 * extended, "\(axis), \(extended)")
  }

  @Test func `the ghosts of two clusters disappear`() throws {
    let rows = ForestMaps.clusters
    // (0, 0) and (10, 10) share each coordinate with a cluster; the centre of the square shares
    // none and is nearer to both.
    func ghostly(_ level: Int) throws -> Float {
      let scores = try (0..<10).map { seed in
        try IsolationForest.fit(
          rows, configuration: .init(extensionLevel: level), seed: UInt64(seed)
        ).scores(Matrix(rows: 3, columns: 2, elements: [0, 0, 10, 10, 5, 5]))
      }
      let ghosts = scores.reduce(0) { $0 + ($1[0] + $1[1]) / 2 } / 10
      return scores.reduce(0) { $0 + $1[2] } / 10 - ghosts
    }
    // Ghosts look more ordinary than the centre; hyperplanes turn that around.
    #expect(try ghostly(0) > 0.02)
    #expect(try ghostly(1) < 0)
  }

  @Test(
    .enabled(if: ForestMaps.picture != nil && Peer.python != nil, "set AUTOPILOT_FOREST_MAPS"))
  func `the maps of the documentation are drawn`() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "maps.json")
    try JSONEncoder().encode(ForestMaps()).write(to: file)
    _ = try Peer.run(
      Peer.folder.appending(path: "draw_maps.py"), [file.path, try #require(ForestMaps.picture)])
  }
}

/// Score maps of the examples of Hariri, Carrasco Kind and Brunner (2019).
struct ForestMaps: Encodable {
  /// Where the picture goes, if it is to be drawn.
  static let picture = ProcessInfo.processInfo.environment["AUTOPILOT_FOREST_MAPS"]

  struct Set: Encodable {
    var name: String
    var low: Float
    var high: Float
    var points: [[Float]]
    var axis: [Float]
    var extended: [Float]

    init(_ name: String, _ rows: Matrix, low: Float, high: Float) throws {
      (self.name, self.low, self.high) = (name, low, high)
      points = (0..<rows.rows).map { Array(rows.row($0)) }
      let step = (high - low) / Float(ForestMaps.side)
      let places = (0..<ForestMaps.side).map { low + (Float($0) + 0.5) * step }
      var grid = Matrix(rows: 0, columns: 2)
      for y in places {
        for x in places { grid.append(row: [x, y]) }
      }
      let cells = grid
      func map(_ level: Int) throws -> [Float] {
        try IsolationForest.fit(
          rows, configuration: .init(trees: 300, extensionLevel: level), seed: 1
        ).scores(cells)
      }
      (axis, extended) = (try map(0), try map(1))
    }
  }

  static let side = 120
  var size = ForestMaps.side
  var sets: [Set]

  init() throws {
    sets = [
      try Set("one cluster", normalRows(1_000, 2, seed: 3), low: -6, high: 6),
      try Set("two clusters", Self.clusters, low: -5, high: 15),
      try Set("ring", Self.ring, low: -6, high: 6),
    ]
  }

  /// Clusters around (0, 10) and (10, 0).
  static let clusters: Matrix = {
    var rows = normalRows(1_000, 2, seed: 4)
    for row in 0..<1_000 { rows[row, row % 2] += 10 }
    return rows
  }()

  /// A ring of radius 3.5.
  private static let ring: Matrix = {
    var rows = normalRows(1_000, 2, seed: 5)
    for row in 0..<1_000 {
      let angle = Float(row) * .pi / 500
      rows[row, 0] = 3.5 * cosf(angle) + 0.2 * rows[row, 0]
      rows[row, 1] = 3.5 * sinf(angle) + 0.2 * rows[row, 1]
    }
    return rows
  }()
}
