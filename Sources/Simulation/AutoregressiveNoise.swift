internal import LinearAlgebra

/// Noise that remembers: xᵢ = φ xᵢ₋₁ + √(1 - φ²) σ zᵢ, of stationary deviation σ.
struct AutoregressiveNoise {
  private let persistence: Double
  private let innovation: Double
  private var value: Double
  private var generator: Philox

  /// Makes noise from a stream of its own.
  ///
  /// - Parameters:
  ///   - memory: The cells after which a disturbance has faded to about a third; above 1.
  ///   - deviation: σ.
  init(seed: UInt64, purpose: String, memory: Double, deviation: Double) {
    persistence = 1 - 1 / memory
    innovation = (1 - persistence * persistence).squareRoot() * deviation
    generator = Philox(seed: seed, purpose: purpose)
    value = deviation * generator.normal()
  }

  /// The next value.
  mutating func next() -> Double {
    value = persistence * value + innovation * generator.normal()
    return value
  }

  /// e to the power of the next value: a positive factor around 1.
  mutating func nextFactor() -> Double { exponential(next()) }
}
