internal import Features
internal import Storage

/// `features`: eight features of every series over windows of 5, 15 and 60 points, all of them held
/// in memory at the end.
struct FeaturesWorkload: Workload {
  /// In the order of the comparison.
  private static let compared: [CatalogueFeature] = [
    .mean, .sampleDeviation, .minimum, .maximum, .slope, .quantile95, .ewma, .difference,
  ]
  private static let windows = [5, 15, 60]
  /// Series whose features are written for the comparison.
  private static let dumpedSeries = 4

  /// [series][points]
  private let series: [[Double]]
  private let points: Int
  private let features: ColumnFeatures

  init(data: String) throws {
    let bytes = try FileSystem.readFile(at: "\(data)/features.f64", limit: 1 << 30)
    // Two counts, then the values, a series after the other.
    let numbers = (0..<bytes.count / 8).map { place in
      bytes[place * 8..<place * 8 + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
    let (series, points) = (Int(numbers[0]), Int(numbers[1]))
    self.points = points
    self.series = (0..<series).map { index in
      numbers[(2 + index * points)..<(2 + (index + 1) * points)].map(Double.init(bitPattern:))
    }
    features = ColumnFeatures(
      Self.compared.flatMap { feature in
        Self.windows.map { SelectedFeature(feature, window: $0) }
      })
  }

  /// The features of each series, [series][features × windows × points].
  func run() -> [[Double]] {
    series.map { values in
      var columns = [Double](repeating: 0, count: features.features.count * values.count)
      features.compute(values, into: &columns)
      return columns
    }
  }

  func facts(of result: [[Double]]) -> [String: Double] {
    ["values": Double(result.reduce(0) { $0 + $1.count })]
  }

  /// The features of the first series, [features × windows × series × points] of 64 bits.
  func dump(of result: [[Double]]) -> [UInt8] {
    var bytes: [UInt8] = []
    for feature in features.features.indices {
      for columns in result.prefix(Self.dumpedSeries) {
        for value in columns[feature * points..<(feature + 1) * points] {
          bytes.append(bytesOf: value.bitPattern)
        }
      }
    }
    return bytes
  }
}
