import LSTM
import Testing

@Suite struct AdamTests {
  @Test func `the first step moves every parameter by the learning rate against its gradient`() {
    var adam = Adam(count: 4, learningRate: 0.01)
    var parameters: [Float] = [1, 1, 1, 1]
    adam.update(&parameters, gradients: [3, -0.001, 0, 100], scale: 1)
    for (found, expected) in zip(parameters, [0.99, 1.01, 1, 0.99] as [Float]) {
      #expect(abs(found - expected) < 2e-7)
    }
  }

  @Test func `steps follow the published recurrences`() {
    var adam = Adam(count: 1, learningRate: 0.003, firstDecay: 0.8, secondDecay: 0.95)
    var parameters: [Float] = [0.5]
    var (p, m, v) = (0.5, 0.0, 0.0)
    var (b1, b2) = (1.0, 1.0)
    for step in 0..<50 {
      let gradient = Double((step * 7) % 11) / 5 - 0.9
      adam.update(&parameters, gradients: [Float(gradient * 4)], scale: 0.25)
      (b1, b2) = (b1 * 0.8, b2 * 0.95)
      m = 0.8 * m + 0.2 * gradient
      v = 0.95 * v + 0.05 * gradient * gradient
      p -= 0.003 * (m / (1 - b1)) / ((v / (1 - b2)).squareRoot() + 1e-8)
      #expect(abs(Double(parameters[0]) - p) < 2e-6)
    }
  }

  @Test func `clipping shortens long gradients alone`() {
    #expect(norm(of: [3, 4]) == 5)
    #expect(norm(of: []) == 0)
    #expect(clippingScale(norm: 0.5, limit: 1) == 1)
    #expect(clippingScale(norm: 0, limit: 1) == 1)
    #expect(abs(clippingScale(norm: 5, limit: 1) - 0.2) < 1e-6)
  }
}
