internal import Features
internal import LinearAlgebra
internal import Storage
internal import Telemetry

/// `features`: all features of every series over windows of 5, 15 and 60 points.
struct FeaturesWorkload: Workload {
  private static let windows = [5, 15, 60]
  /// The features of the comparison in its order; nil where the extractor has none that is equal.
  private static let compared: [WindowStatistic?] = [
    .mean, nil, .minimum, .maximum, nil, nil, nil, nil,
  ]
  /// Series whose features are written for the comparison.
  private static let dumpedSeries = 4

  /// [points × series]
  private let values: [Double]
  private let series: Int
  private let points: Int
  private let definition = FeatureDefinition(interval: .minutes(1), windows: windows)
  private let model: ServiceFeatureModel

  init(data: String) throws {
    let bytes = try FileSystem.readFile(at: "\(data)/features.f64", limit: 1 << 30)
    // Two counts, then the values, a series after the other.
    let numbers = (0..<bytes.count / 8).map { place in
      bytes[place * 8..<place * 8 + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
    let (series, points) = (Int(numbers[0]), Int(numbers[1]))
    (self.series, self.points) = (series, points)
    var values = [Double](repeating: 0, count: series * points)
    for index in 0..<series {
      for time in 0..<points {
        values[time * series + index] = Double(bitPattern: numbers[2 + index * points + time])
      }
    }
    self.values = values
    model = ServiceFeatureModel(
      service: "benchmark", metricColumns: (0..<series).map { "m\($0)" }, logs: nil,
      channelScaling: Array(repeating: RobustSummary(median: 0, scale: 1), count: series),
      featureScaling: [])
  }

  /// The features of all rows, [points × series × features].
  func run() -> [Float] {
    var extractor = FeatureExtractor(definition: definition, model: model)
    var features: [Float] = []
    features.reserveCapacity(points * series * definition.featuresPerChannel)
    for time in 0..<points {
      let row = TelemetryRow(
        time: Timestamp(milliseconds: Int64(time) * 60_000),
        metrics: Array(values[time * series..<(time + 1) * series]), logs: nil)
      features += extractor.push(row).features
    }
    return features
  }

  /// The current value, which is a feature as well, is no work and is not counted.
  func facts(of result: [Float]) -> [String: Double] {
    ["values": Double(points * series * (definition.featuresPerChannel - 1))]
  }

  /// The features of the first series, [features × windows × series × points] of 64 bits; NaN where
  /// there is none.
  func dump(of result: [Float]) -> [UInt8] {
    let width = definition.featuresPerChannel
    var bytes: [UInt8] = []
    for statistic in Self.compared {
      let place = WindowStatistic.allCases.firstIndex { $0 == statistic }
      for window in Self.windows.indices {
        let column = place.map { 1 + window * WindowStatistic.allCases.count + $0 }
        for index in 0..<Self.dumpedSeries {
          for time in 0..<points {
            let value = column.map { result[(time * series + index) * width + $0] } ?? .nan
            bytes.append(bytesOf: Double(value).bitPattern)
          }
        }
      }
    }
    return bytes
  }
}
