package import Foundation

/// Exports of nine days, with incidents spread over all of them, and a configuration that trains on
/// them within a second: what a nightly job works on.
package struct NightlySystem {
  /// The folder that holds `run.yaml`, `gate.yaml` and what they name.
  package let folder: String

  /// Writes the files.
  ///
  /// - Parameter registry: Members of the configuration's section `registry`.
  package init(in folder: String, registry: String = "") throws {
    self.folder = folder
    var csv = "time,requests{service=\"cart\"},cpu{service=\"cart\"},requests{service=\"pay\"}\n"
    var incidents = "id,service,kind,start,detected,resolved\n"
    var state: UInt64 = 9
    func noise() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53
    }
    let start = 1_767_225_600
    for row in 0...288 * 9 {
      let unwell = (row % 96) >= 90 && row % 96 < 95
      let wave = abs(Double(row % 288) / 144 - 1) * 20
      csv +=
        "\(start + row * 300),\(30 + wave + noise()),"
        + "\(wave / 2 + noise() + (unwell ? 50 : 0)),\(5 + noise())\n"
      if row % 96 == 90, row + 5 < 288 * 9 {
        func instant(_ row: Int) -> String {
          Date(timeIntervalSince1970: Double(start + row * 300)).ISO8601Format()
        }
        incidents += "I\(row),cart,cpu,\(instant(row - 1)),,\(instant(row + 4))\n"
      }
    }
    try write("metrics.csv", csv)
    try write("incidents.csv", incidents)
    try write(
      "run.yaml",
      """
      name: small
      seed: 3
      reader:
        interval: 5m
        sources: [{type: csv, path: metrics.csv}]
        incidents: [{path: incidents.csv}]
      features: {windows: [30m]}
      models:
        isolation_forest: {trees: 20, subsample: 64}
        lstm: {enabled: false}
        false_alarm_rate: 0.01
      evaluation: {split: {fractions: {train: 0.4, calibration: 0.2}}}
      registry: {\(registry)}
      """)
    try usePolicy("minimum_incidents: 2\nfloors: {recall: 0.2}\ntolerances: {recall: 0.5}\n")
  }

  /// Replaces the gate's policy.
  package func usePolicy(_ text: String) throws { try write("gate.yaml", text) }

  /// Asks for more than there can be.
  package static let strictPolicy = "minimum_incidents: 2\nfloors: {precision: 1.5}\n"

  /// The arguments of a job at a time of day, wherever it is run.
  package func job(_ now: String, _ more: String...) -> [String] {
    ["retrain", "\(folder)/run.yaml", "--policy", "\(folder)/gate.yaml", "--now", now] + more
  }

  private func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
  }
}
