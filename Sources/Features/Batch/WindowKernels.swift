internal import CVectorMath

/// The only place that hands a series to the C kernels: one series, its missing values counted, and
/// room to work in. Results equal `WindowSummary` and `SortedWindow`, bit for bit.
struct WindowKernels: ~Copyable {
  /// The series, oldest first; NaN is missing.
  let values: [Double]
  /// Values that are not missing before each position, [count + 1].
  private let present: [Int32]
  private var workspace: [Double] = []

  init(_ values: [Double]) {
    precondition(values.count < Int(Int32.max), "\(values.count) values")
    self.values = values
    present = unsafe Array(unsafeUninitializedCapacity: values.count + 1) { buffer, count in
      guard let base = buffer.baseAddress else { return }
      unsafe ap_count_present(values.count, values, base)
      count = values.count + 1
    }
  }

  /// Values that are not missing among the last `length` at a position, fewer near the start.
  func presentValues(at position: Int, length: Int) -> Int {
    Int(present[position + 1] - present[max(0, position + 1 - length)])
  }

  /// Writes statistics of a window into columns of [features × count].
  ///
  /// - Parameter columns: Which column each statistic goes to.
  mutating func summarise(
    window: Int, columns: [(feature: CatalogueFeature, column: Int)], into output: inout [Double]
  ) {
    let count = values.count
    check(columns.map(\.column), window: window, output)
    for position in 0..<min(window - 1, count) {
      let summary = WindowSummary(values[...position], length: window)
      for (feature, column) in columns {
        output[column * count + position] = summary(feature) ?? .nan
      }
    }
    guard count >= window else { return }
    let needsRoom: Set<CatalogueFeature> = [.minimum, .maximum, .roughness]
    if columns.contains(where: { needsRoom.contains($0.feature) }) {
      reserve(max(count, ap_rolling_extreme_workspace(count, window)))
    }
    unsafe output.withUnsafeMutableBufferPointer { output in
      guard let base = output.baseAddress else { return }
      var moments = unsafe ap_window_moments()
      for (feature, column) in columns {
        let target = unsafe base + column * count
        switch feature {
        case .mean: unsafe moments.mean = target
        case .deviation: unsafe moments.deviation = target
        case .sampleDeviation: unsafe moments.sample_deviation = target
        case .slope: unsafe moments.slope = target
        case .trend: unsafe moments.trend = target
        case .excess: unsafe moments.excess = target
        case .minimum:
          unsafe ap_rolling_minimum(count, window, values, present, &workspace, target)
        case .maximum:
          unsafe ap_rolling_maximum(count, window, values, present, &workspace, target)
        case .roughness:
          unsafe ap_rolling_roughness(count, window, values, present, &workspace, target)
        default: preconditionFailure("\(feature.rawValue) is no statistic of a window")
        }
      }
      unsafe ap_rolling_moments(count, window, values, present, &moments)
    }
  }

  /// Writes a quantile of a window into a column of [features × count].
  mutating func quantile(
    _ probability: Double, window: Int, column: Int, into output: inout [Double]
  ) {
    let count = values.count
    check([column], window: window, output)
    let needed =
      count < window ? 0 : ap_rolling_quantile_workspace(count, window, probability)
    // A quantile in the middle of a long window is followed by insertion, as in the stream.
    var sorted = SortedWindow(length: window)
    for position in 0..<(needed == 0 ? count : window - 1) {
      sorted.push(
        values[position], leaving: position >= window ? values[position - window] : .nan)
      output[column * count + position] = sorted.quantile(probability)
    }
    guard needed > 0 else { return }
    reserve(needed)
    unsafe output.withUnsafeMutableBufferPointer { output in
      guard let base = output.baseAddress else { return }
      unsafe ap_rolling_quantile(
        count, window, probability, values, present, &workspace, base + column * count)
    }
  }

  /// Writes exponentially weighted means and deviations into columns of [features × count].
  ///
  /// - Parameter spans: At most four, each with the columns of its results, nil for none.
  func averages(
    spans: ArraySlice<(span: Int, mean: Int?, deviation: Int?)>, into output: inout [Double]
  ) {
    precondition((1...4).contains(spans.count), "\(spans.count) spans")
    let count = values.count
    check(spans.flatMap { [$0.mean, $0.deviation].compactMap { $0 } }, window: 2, output)
    let weights =
      spans.map { ExponentialAverage(span: $0.span).weight }
      + Array(repeating: 1, count: 4 - spans.count)
    unsafe output.withUnsafeMutableBufferPointer { output in
      guard let base = output.baseAddress else { return }
      let none = unsafe [UnsafeMutablePointer<Double>?](repeating: nil, count: 4 - spans.count)
      let means = unsafe spans.map { span in unsafe span.mean.map { unsafe base + $0 * count } }
      let deviations = unsafe spans.map { span in
        unsafe span.deviation.map { unsafe base + $0 * count }
      }
      unsafe ap_ewma(count, spans.count, values, weights, means + none, deviations + none)
    }
  }

  private mutating func reserve(_ size: Int) {
    if workspace.count < size { workspace = Array(repeating: 0, count: size) }
  }

  private func check(_ columns: [Int], window: Int, _ output: [Double]) {
    precondition(
      window >= 2 && columns.allSatisfy { $0 >= 0 && ($0 + 1) * values.count <= output.count },
      "columns \(columns) of \(values.count) in \(output.count), window \(window)")
  }
}
