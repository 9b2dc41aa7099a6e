import Foundation
import IsolationForest
import LinearAlgebra
import Testing

/// Three synthetic and three public datasets, equal parameters, twenty seeds: mean scores rank rows as another implementation's
/// do, and anomalies are found as well as its own seeds find them.
@Suite(.enabled(if: Peer.python != nil, "set AUTOPILOT_PEERS_PYTHON to a Python with the peers"))
struct LiveParityTests {
  private static let seeds = 20
  private static let published =
    ProcessInfo.processInfo.environment["AUTOPILOT_DATASETS"] ?? "../shared/datasets"

  private struct Description: Decodable {
    var name: String
    var columns: Int
    var trees: Int
    var subsample: Int
    var anomalies: [Int]
  }

  private struct Comparison {
    var description: Description
    var fitted: Matrix
    var scored: Matrix
    /// [seeds × rows] by implementation.
    var scores: [String: [Float]]

    init(_ file: URL) throws {
      description = try JSONDecoder().decode(Description.self, from: Data(contentsOf: file))
      let (name, columns) = (description.name, description.columns)
      func floats(_ kind: String) throws -> [Float] {
        try Peer.floats(
          file.deletingLastPathComponent().appending(path: "\(name).\(kind).f32"))
      }
      func matrix(_ kind: String) throws -> Matrix {
        let elements = try floats(kind)
        return Matrix(rows: elements.count / columns, columns: columns, elements: elements)
      }
      (fitted, scored) = (try matrix("fit"), try matrix("test"))
      scores = ["sklearn": try floats("sklearn"), "isotree": try floats("isotree")]
    }

    func seed(_ seed: Int, of peer: String) -> [Float] {
      Array((scores[peer] ?? [])[seed * scored.rows..<(seed + 1) * scored.rows])
    }
  }

  private func mean(_ seeds: [[Float]]) -> [Float] {
    seeds[0].indices.map { row in
      Float(seeds.reduce(0.0) { $0 + Double($1[row]) } / Double(seeds.count))
    }
  }

  @Test func `three synthetic datasets agree with scikit-learn and isotree`() throws {
    try expectAgreement(onDatasetsIn: nil)
  }

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: Self.published),
      "set AUTOPILOT_DATASETS to the folder of the public datasets"))
  func `three public datasets agree with scikit-learn and isotree`() throws {
    try expectAgreement(onDatasetsIn: Self.published)
  }

  /// - Parameter published: The folder of the public datasets; nil for the synthetic ones.
  private func expectAgreement(onDatasetsIn published: String?) throws {
    let folder = try TemporaryFolder()
    _ = try Peer.run(
      Peer.folder.appending(path: "forest_parity.py"),
      [folder.url.path, "\(Self.seeds)"] + [published].compactMap { $0 })
    let files = try FileManager.default.contentsOfDirectory(
      at: folder.url, includingPropertiesForKeys: nil
    ).filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
    try #require(files.count == 3)
    for file in files {
      let comparison = try Comparison(file)
      for (peer, level) in [("sklearn", 0), ("isotree", 1)] {
        try expectAgreement(comparison, peer: peer, extensionLevel: level)
      }
    }
  }

  private func expectAgreement(
    _ comparison: Comparison, peer: String, extensionLevel: Int
  ) throws {
    let about = comparison.description
    let configuration = IsolationForestConfiguration(
      trees: about.trees, subsample: about.subsample, extensionLevel: extensionLevel)
    let ours = try (0..<Self.seeds).map { seed in
      try IsolationForest.fit(
        comparison.fitted, configuration: configuration, seed: UInt64(seed)
      ).scores(comparison.scored)
    }
    let theirs = (0..<Self.seeds).map { comparison.seed($0, of: peer) }
    let correlation = rankCorrelation(mean(ours), mean(theirs))
    let anomalies = Set(about.anomalies)
    let areas = theirs.map { averagePrecision($0, anomalies) }
    let own = ours.map { averagePrecision($0, anomalies) }
    let ownMean = own.reduce(0, +) / Double(own.count)
    let (least, greatest) = (areas.min() ?? 0, areas.max() ?? 0)
    let figures =
      "\(about.name) and \(peer): rank correlation \(correlation), "
      + "AUC-PR \(ownMean) within \(least)...\(greatest)"
    print(figures)
    #expect(correlation >= 0.99, "\(figures)")
    #expect(least <= ownMean && ownMean <= greatest, "\(figures)")
  }

  @Test func `onnxruntime gives the same scores`() throws {
    let folder = try TemporaryFolder()
    var missing = normalRows(500, 6, seed: 2)
    for row in stride(from: 0, to: 500, by: 3) { missing[row, row % 6] = .nan }
    for (name, configuration, rows) in [
      ("plain", IsolationForestConfiguration(), normalRows(500, 6, seed: 2)),
      ("deep", .init(trees: 300, subsample: 500, depthLimit: 60), normalRows(500, 6, seed: 3)),
      ("majority", .init(missing: .majority), missing),
      ("single", .init(), normalRows(1, 6, seed: 2)),
      ("constant", .init(), Matrix(rows: 40, columns: 6, repeating: 1)),
    ] {
      let forest = try IsolationForest.fit(rows, configuration: configuration, seed: 4)
      let model = folder.url.appending(path: "\(name).onnx")
      let file = folder.url.appending(path: "\(name).f32")
      let names = (0..<6).map { "column \($0)" }
      try Data(forest.onnx(names: names, producer: ("test", "1"))).write(to: model)
      var scored = normalRows(300, 6, seed: 5)
      if configuration.missing == .majority { scored[7, 3] = .nan }
      try Peer.write(scored.elements, to: file)
      let output = try Peer.run(
        Peer.folder.appending(path: "onnx_scores.py"), [model.path, file.path, "6"])
      let theirs = try output.split(separator: "\n").map { try #require(Float($0)) }
      #expect(theirs.count == 300)
      for (ours, theirs) in zip(forest.scores(scored), theirs) {
        #expect(abs(ours - theirs) < 1e-5, "\(name)")
      }
    }
  }
}

/// Average precision, ties together.
func averagePrecision(_ scores: [Float], _ anomalies: Set<Int>) -> Double {
  let order = scores.indices.sorted { scores[$0] > scores[$1] }
  var (found, seen, sum, start) = (0, 0, 0.0, 0)
  while start < order.count {
    var end = start
    while end < order.count, scores[order[end]] == scores[order[start]] { end += 1 }
    let hits = order[start..<end].count { anomalies.contains($0) }
    (found, seen) = (found + hits, seen + end - start)
    sum += Double(hits) * Double(found) / Double(seen)
    start = end
  }
  return sum / Double(anomalies.count)
}
