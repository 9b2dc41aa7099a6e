import Detection
import Models
import Scoring
import Storage
import Telemetry
import Testing

@Suite("Services that share a forest")
struct SharedForestTests {
  @Test("An artifact holds a shared forest once, and scores stay")
  func shared() async throws {
    let scene = try await ScorerScene()
    var model = scene.model
    let own = model.files()
    #expect(
      !String(decoding: own["detectors.json"] ?? [], as: UTF8.self).contains("\"forests\""))
    let place = try #require(model.scoring.detectors.firstIndex { $0 is ForestModel })
    var forests = try #require(model.scoring.detectors[place] as? ForestModel)
    forests.forests["payment"] = forests.forests["cart"]
    model.scoring.detectors[place] = forests
    let files = model.files()
    let weights = { (files: [String: [UInt8]]) in files["weights.safetensors"]?.count ?? 0 }
    #expect(weights(files) < weights(own))
    let read = try TrainedModel(files: files, source: "artifact")
    #expect(read.files() == files)
    for name in ScorerScene.services {
      var (before, after) = (model.scoring.scorer(for: name), read.scoring.scorer(for: name))
      for row in try scene.rows(of: name).prefix(60) {
        #expect(areEqual(before?.push(row) ?? [], after?.push(row) ?? []))
      }
    }
    var damaged = files
    damaged["detectors.json"] = Array(
      String(decoding: files["detectors.json"] ?? [], as: UTF8.self)
        .replacing(#/"forests": \[\s*0,/#, with: "\"forests\": [7,").utf8)
    #expect(throws: (any Error).self) { try TrainedModel(files: damaged, source: "artifact") }
  }
}
