import Foundation
import Simulation
import Testing

@Suite struct NumbersTests {
  @Test func `the exponential agrees with the C library`() {
    for step in -2000...2000 {
      let x = Double(step) * 0.017
      #expect(abs(exponential(x) / exp(x) - 1) < 4e-15)
    }
    #expect(exponential(0) == 1)
  }

  @Test func `the cosine agrees with the C library`() {
    for step in -2000...2000 {
      let turns = Double(step) * 0.00137
      #expect(abs(cosine(turns: turns) - cos(2 * .pi * turns)) < 1e-11)
    }
    #expect(cosine(turns: 20_459) == 1)
  }

  @Test(arguments: [
    (0, 3, "0"), (5, 3, "0.005"), (1200, 3, "1.2"), (-1250, 2, "-12.5"), (12_000, 3, "12"),
    (70, 0, "70"),
  ])
  func `fixed-point numbers are written without needless zeros`(
    value: Int, decimals: Int, text: String
  ) {
    #expect(fixedPoint(value, decimals: decimals) == text)
  }
}
