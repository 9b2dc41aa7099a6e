internal import Telemetry

/// How many page views a second the shop's customers ask for.
///
///     Shop.demand · exp(day + week + growth + noise)
///
/// Quietest at five in the morning UTC, busiest at eight in the evening and on Sundays.
struct Demand {
  /// Growth of the logarithm a day: one percent a week.
  private static let growth = 0.01 / 7
  private let start: Timestamp
  private var weather: AutoregressiveNoise
  private var flicker: AutoregressiveNoise

  init(_ configuration: SimulationConfiguration) {
    start = configuration.start
    let cell = configuration.interval.seconds / 60
    weather = AutoregressiveNoise(
      seed: configuration.seed, purpose: "demand/weather", memory: 1 + 600 / cell, deviation: 0.05)
    flicker = AutoregressiveNoise(
      seed: configuration.seed, purpose: "demand/flicker", memory: 1 + 15 / cell, deviation: 0.025)
  }

  /// The demand in the next cell, which ends at `time`.
  mutating func next(at time: Timestamp) -> Double {
    let days = time.seconds / 86_400
    let day =
      0.6 * cosine(turns: days - 17.0 / 24) + 0.22 * cosine(turns: 2 * (days - 20.0 / 24))
    // 1970-01-01 was a Thursday; the week is busiest around Sunday noon, three and a half days on.
    let week = 0.09 * cosine(turns: (days - 3.5) / 7)
    let growth = Self.growth * (time - start).seconds / 86_400
    return Shop.demand * exponential(day + week + growth + weather.next() + flicker.next())
  }
}
