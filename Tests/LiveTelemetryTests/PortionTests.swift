import Testing

import LiveTelemetry

@Suite struct PortionTests {
  @Test func `it halves at once and grows slowly`() {
    var portion = Portion(most: 100)
    #expect(portion.first(of: 7...500) == 7...106)
    #expect(portion.first(of: 7...9) == 7...9)
    portion.halve(from: 100)
    portion.halve(from: 50)
    #expect(portion.count == 25)
    for _ in 1...7 { portion.succeed(with: 25) }
    // A smaller one tells nothing.
    portion.succeed(with: 3)
    #expect(portion.count == 25)
    portion.succeed(with: 25)
    #expect(portion.count == 50)
    for _ in 1...16 { portion.succeed(with: portion.count) }
    #expect(portion.count == 100)
    portion.halve(from: 1)
    #expect(portion.first(of: 7...500) == 7...7)
  }
}
