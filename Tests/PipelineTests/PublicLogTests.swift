import Features
import Foundation
import Ingest
import Telemetry
import Testing

private let root =
  (ProcessInfo.processInfo.environment["AUTOPILOT_DATASETS"]
    ?? URL(filePath: #filePath).appending(path: "../../../../shared/datasets").standardized.path)
  + "/nezha-trainticket"

@Suite(
  .enabled(
    if: FileManager.default.fileExists(atPath: root),
    "needs nezha-trainticket in the folder that AUTOPILOT_DATASETS names"))
struct PublicLogTests {
  @Test func `wrong return values break count invariants, and healthy time hardly does`() throws {
    let data = try ingest(
      IngestConfiguration(interval: .minutes(1), sources: [.trainTicket(path: root)]))
    let grid = data.grid
    let definition = FeatureDefinition(
      interval: .minutes(1), windows: [3], selected: [SelectedFeature(.logInvariants, window: 3)])
    var (faults, found, healthy, alarmed) = (0, 0, 0, 0)
    for var frame in data.services where frame.logs != nil {
      // Metrics have no part in this.
      (frame.columns, frame.values) = ([], [])
      let incidents = data.incidents.filter { $0.concerns(frame.service) }
      var touched = Array(repeating: false, count: grid.count)
      for incident in incidents {
        for cell in grid.indices(touching: incident.start, incident.resolved + .minutes(4)) {
          touched[cell] = true
        }
      }
      // Logs were recorded around faults only, so every other eleven minutes are to learn from.
      let isFitted = touched.indices.map { !touched[$0] && $0 / 11 % 2 == 0 }
      var model = try #require(
        ServiceFeatureModel.fitChannels(
          frame, grid: grid, isFitted: isFitted, definition: definition
        ).model)
      model.fitFeatures(frame, grid: grid, isFitted: isFitted, definition: definition)
      model.featureScaling = []
      let values = FeatureBatch(frame, grid: grid, definition: definition, model: model)
        .observations().map { $0.features.last ?? .nan }
      for incident in incidents where incident.kind == "return" {
        faults += 1
        let cells = grid.indices(touching: incident.start, incident.resolved)
        if cells.contains(where: { values[$0] > 0 }) { found += 1 }
      }
      for cell in values.indices where !touched[cell] && !isFitted[cell] && !values[cell].isNaN {
        healthy += 1
        if values[cell] > 0 { alarmed += 1 }
      }
    }
    #expect(faults == 11 && found == 11)
    // 37 of 1,220, some of them while a fault elsewhere cuts requests short.
    #expect(healthy > 1000 && alarmed < healthy / 25)
  }
}
