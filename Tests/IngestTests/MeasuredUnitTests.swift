import Ingest
import Testing

@Suite struct MeasuredUnitTests {
  @Test(arguments: [
    ("ms", 350.0, 0.35), ("µs", 12, 1.2e-5), ("ns", 1, 1e-9), ("s", 2, 2), ("min", 1.5, 90),
    ("mins", 1, 60), ("hours", 2, 7200), ("days", 1, 86_400), ("week", 1, 604_800),
    ("B", 7, 7), ("kB", 1.5, 1500), ("MB", 1, 1e6), ("KiB", 1, 1024), ("GiB", 1.5, 0x1.8p30),
    ("Mib", 1, 0x1p20), ("MB/s", 2, 2e6), ("KiB/s", 1, 1024), ("Mbps", 1, 1e6), ("kHz", 3, 3000),
    ("%", 12.3, 12.3), ("°C", 40, 40), ("K", 1.5, 1500), ("Mil", 1.2, 1.2e6), ("Bil", 1, 1e9),
    ("req/s", 5, 5), ("K req/s", 1.2, 1200), ("K ops/s", 1, 1000),
  ])
  func `a unit becomes its base`(_ name: String, _ value: Double, _ expected: Double) {
    #expect(MeasuredUnit(name)?.convert(value) == expected, "\(name)")
  }

  @Test(arguments: ["", "parsec", "Kb req", "MS", "kilo", "/s", "ps", "i", "KKB"])
  func `other texts are no units`(_ name: String) {
    #expect(MeasuredUnit(name) == nil, "\(name)")
  }
}
