import Foundation
import LinearAlgebra
import Scoring
import Testing

@Suite struct GeneralisedParetoTests {
  private struct Reference {
    var shape: Double
    var scale: Double
    var likelihood: Double
    var rare: Double
    var sample: [Double]
  }

  /// Fits by SciPy; the script beside the file makes them.
  private static let references: [Reference] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/pareto.csv")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map { line in
      let numbers = line.split(separator: ",").compactMap { Double($0) }
      return Reference(
        shape: numbers[0], scale: numbers[1], likelihood: numbers[2], rare: numbers[3],
        sample: Array(numbers[4...]))
    }
  }()

  private func logLikelihood(_ fit: GeneralisedPareto, _ sample: [Double]) -> Double {
    sample.reduce(0) { sum, y in
      fit.shape == 0
        ? sum - log(fit.scale) - y / fit.scale
        : sum - log(fit.scale) - (1 + 1 / fit.shape) * log(1 + fit.shape * y / fit.scale)
    }
  }

  @Test func `fits and rare values are those of SciPy`() throws {
    #expect(Self.references.count == 6)
    for reference in Self.references {
      let fit = try #require(GeneralisedPareto(fitting: reference.sample))
      #expect(abs(fit.shape - reference.shape) < 2e-3, "\(fit), \(reference.shape)")
      #expect(abs(fit.scale / reference.scale - 1) < 2e-3)
      #expect(abs(fit.excess(passedWith: 0.001) / reference.rare - 1) < 5e-3)
      // No fit of SciPy is likelier.
      #expect(logLikelihood(fit, reference.sample) > reference.likelihood - 1e-6)
    }
  }

  @Test func `an excess is passed with its probability`() {
    for shape in [-0.5, -1e-9, 0, 1e-9, 0.01, 0.7] {
      let tail = GeneralisedPareto(shape: shape, scale: 2)
      for probability in [1, 0.5, 1e-3, 1e-9] {
        let excess = tail.excess(passedWith: probability)
        let passed =
          abs(shape) < 1e-6 ? exp(-excess / 2) : pow(1 + shape * excess / 2, -1 / shape)
        #expect(abs(passed / probability - 1) < 1e-5)
      }
    }
  }

  @Test func `scaling the excesses scales the fit`() throws {
    let sample = Self.references[1].sample
    let fit = try #require(GeneralisedPareto(fitting: sample))
    for factor in [1e-6, 1e6] {
      let scaled = try #require(GeneralisedPareto(fitting: sample.map { $0 * factor }))
      #expect(abs(scaled.shape - fit.shape) < 1e-6)
      #expect(abs(scaled.scale / factor / fit.scale - 1) < 1e-6)
    }
  }

  @Test func `what is no tail has no fit`() {
    #expect(GeneralisedPareto(fitting: []) == nil)
    #expect(GeneralisedPareto(fitting: [1]) == nil)
    #expect(GeneralisedPareto(fitting: [2, 2, 2]) == nil)
    #expect(GeneralisedPareto(fitting: [1, -1]) == nil)
    #expect(GeneralisedPareto(fitting: [1, .infinity]) == nil)
  }
}
