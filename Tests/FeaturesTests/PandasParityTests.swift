import Features
import Foundation
import Testing

/// Features that pandas, NumPy and SciPy computed; Fixtures/make_fixture.py says how.
private struct PandasFixture: Decodable {
  struct Window: Decodable {
    var window: Int
    var features: [String: [Double?]]
  }

  var values: [Double?]
  var windows: [Window]
}

private let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
  .appending(path: "Fixtures")

/// A Python with pandas and SciPy, if one is named.
private let peerPython: String? = {
  guard let path = ProcessInfo.processInfo.environment["AUTOPILOT_PEERS_PYTHON"] else { return nil }
  let probe = Process()
  probe.executableURL = URL(filePath: path)
  probe.arguments = ["-c", "import pandas, scipy"]
  probe.standardError = FileHandle.nullDevice
  guard (try? probe.run()) != nil else { return nil }
  probe.waitUntilExit()
  return probe.terminationStatus == 0 ? path : nil
}()

private func compare(_ data: Data) throws {
  let fixture = try JSONDecoder().decode(PandasFixture.self, from: data)
  let values = fixture.values.map { $0 ?? .nan }
  #expect(!fixture.windows.isEmpty)
  for window in fixture.windows {
    for (name, expected) in window.features {
      let feature = try #require(CatalogueFeature(rawValue: name), "\(name)")
      var found = [Double](repeating: 0, count: values.count)
      ColumnFeatures([SelectedFeature(feature, window: window.window)])
        .compute(values, into: &found)
      for (position, (ours, theirs)) in zip(found, expected).enumerated() {
        let place = "\(name) over \(window.window) at \(position): \(ours)"
        guard let theirs else {
          #expect(ours.isNaN, "\(place) where there is none")
          continue
        }
        // Running sums of pandas carry the rounding of a value of 5e4 along.
        #expect(abs(ours - theirs) <= 1e-9 * abs(theirs) + 1e-9, "\(place), not \(theirs)")
      }
    }
  }
}

@Suite struct PandasParityTests {
  @Test func `windowed features are those of pandas, NumPy and SciPy`() throws {
    try compare(Data(contentsOf: fixtures.appending(path: "pandas.json")))
  }

  @Test(.enabled(if: peerPython != nil, "AUTOPILOT_PEERS_PYTHON names no Python with pandas"))
  func `they are those of pandas on data it makes up now`() throws {
    let process = Process()
    process.executableURL = URL(filePath: try #require(peerPython))
    process.arguments = [fixtures.appending(path: "make_fixture.py").path, "77"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    try compare(bytes)
  }
}
