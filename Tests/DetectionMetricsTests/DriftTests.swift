import Foundation
import DetectionMetrics
import Testing

@Suite struct DriftTests {
  /// Samples with what SciPy and NumPy say of them, see Fixtures/make_drift_fixture.py.
  struct SavedShift: Decodable, Sendable {
    let name: String
    let reference: [Double]
    let current: [Double]
    let psi: Double
    let ks: Double
  }

  static let saved: [SavedShift] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    do {
      return try JSONDecoder().decode(
        [SavedShift].self, from: Data(contentsOf: folder.appending(path: "Fixtures/drift.json")))
    } catch {
      fatalError("\(error)")
    }
  }()

  @Test(arguments: saved.indices)
  func `shifts equal those of SciPy and NumPy`(_ index: Int) throws {
    let saved = Self.saved[index]
    let found = try #require(
      DistributionShift(reference: saved.reference, current: saved.current))
    #expect(abs(found.stabilityIndex - saved.psi) <= 1e-9, "\(saved.name)")
    #expect(abs(found.kolmogorovSmirnov - saved.ks) <= 1e-12, "\(saved.name)")
  }

  @Test func `a sample is not apart from itself, whatever its order`() throws {
    let sample = (0..<500).map { Double($0 * 7919 % 501) }
    let found = try #require(
      DistributionShift(reference: sample, current: sample.reversed()))
    #expect(found.stabilityIndex == 0)
    #expect(found.kolmogorovSmirnov == 0)
  }

  @Test func `missing values are left out, and nothing is compared with nothing`() throws {
    let plain = try #require(DistributionShift(reference: [1, 2, 3], current: [2, 3, 9]))
    let holes = try #require(
      DistributionShift(reference: [1, .nan, 2, 3], current: [.nan, 2, 3, 9]))
    #expect(plain == holes)
    #expect(DistributionShift(reference: [], current: [1]) == nil)
    #expect(DistributionShift(reference: [1], current: [.nan]) == nil)
  }
}
