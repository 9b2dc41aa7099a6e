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
  /// The values of a service's features of logs in minutes that nothing was learnt from.
  ///
  /// Logs were recorded around faults only, so every other eleven minutes are to learn from.
  private func forEachService(
    _ data: Dataset, _ features: [SelectedFeature],
    _ body: (
      _ incidents: [Incident], _ values: [[Float]], _ isHealthy: [Bool]
    ) -> Void
  ) throws {
    let grid = data.grid
    let definition = FeatureDefinition(interval: .minutes(1), windows: [3], selected: features)
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
      let isFitted = touched.indices.map { !touched[$0] && $0 / 11 % 2 == 0 }
      var model = try #require(
        ServiceFeatureModel.fitChannels(
          frame, grid: grid, isFitted: isFitted, definition: definition
        ).model)
      model.fitFeatures(frame, grid: grid, isFitted: isFitted, definition: definition)
      model.featureScaling = []
      let values = FeatureBatch(frame, grid: grid, definition: definition, model: model)
        .observations().map { Array($0.features.suffix(features.count)) }
      body(incidents, values, touched.indices.map { !touched[$0] && !isFitted[$0] })
    }
  }

  @Test func `wrong return values break count invariants, and healthy time hardly does`() throws {
    let data = try ingest(
      IngestConfiguration(interval: .minutes(1), sources: [.trainTicket(path: root)]))
    var (faults, found, healthy, alarmed) = (0, 0, 0, 0)
    try forEachService(data, [SelectedFeature(.logInvariants, window: 3)]) {
      incidents, rows, isHealthy in
      for incident in incidents where incident.kind == "return" {
        faults += 1
        let cells = data.grid.indices(touching: incident.start, incident.resolved)
        if cells.contains(where: { rows[$0][0] > 0 }) { found += 1 }
      }
      for (values, isHealthy) in zip(rows, isHealthy) where isHealthy && !values[0].isNaN {
        healthy += 1
        if values[0] > 0 { alarmed += 1 }
      }
    }
    #expect(faults == 11 && found == 11)
    // 37 of 1,220, some of them while a fault elsewhere cuts requests short.
    #expect(healthy > 1000 && alarmed < healthy / 25)
  }

  /// docs/log-templates.md shows the table: the area under the ROC curve for a faulty minute against
  /// a healthy one, and the faults with a minute above 95 % of the healthy ones.
  @Test(arguments: [
    (CatalogueFeature.logNextSurprise, 0.975, 11, 0.880, 7),
    (.logNextSurpriseMaximum, 0.994, 11, 0.804, 7), (.logNextUnseen, 0.992, 11, 0.697, 7),
    (.logInvariants, 0.983, 11, 0.696, 6), (.logRareScore, 0.699, 3, 0.605, 1),
  ])
  func `what follows what in a stream tells faults from healthy minutes`(
    _ feature: CatalogueFeature, _ ofReturns: Double, _ returns: Int, _ ofExceptions: Double,
    _ exceptions: Int
  ) throws {
    let data = try Self.day.get()
    for (kind, area, found) in [
      ("return", ofReturns, returns), ("exception", ofExceptions, exceptions),
    ] {
      var faulty: [[Float]] = []
      var healthy: [Float] = []
      try forEachService(data, [SelectedFeature(feature, window: 3)]) {
        incidents, rows, isHealthy in
        for incident in incidents where incident.kind == kind {
          let cells = data.grid.indices(touching: incident.start, incident.resolved)
          faulty.append(cells.map { rows[$0][0] }.filter { !$0.isNaN })
        }
        healthy += zip(rows, isHealthy).filter { $1 && !$0[0].isNaN }.map { $0.0[0] }
      }
      #expect(faulty.count == (kind == "return" ? 11 : 13) && healthy.count > 1100)
      let all = faulty.flatMap { $0 }
      let wins = all.reduce(0.0) { sum, value in
        healthy.reduce(sum) { $0 + ($1 < value ? 1 : $1 == value ? 0.5 : 0) }
      }
      #expect(abs(wins / Double(all.count * healthy.count) - area) < 0.001, "\(kind)")
      let limit = healthy.sorted()[healthy.count * 95 / 100]
      #expect(faulty.count { $0.contains { $0 > limit } } == found, "\(kind)")
    }
  }

  private static let day = Result {
    try ingest(IngestConfiguration(interval: .minutes(1), sources: [.trainTicket(path: root)]))
  }
}
