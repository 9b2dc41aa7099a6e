internal import LinearAlgebra
public import Telemetry

/// Features of all cells of a frame at once: what `FeatureExtractor` gives row by row, bit for bit, in
/// a fraction of the time. For training and export; scoring goes by the row.
public struct FeatureBatch: Sendable {
  private let definition: FeatureDefinition
  private let model: ServiceFeatureModel
  private let rows: [(time: Timestamp, metrics: [Double])]
  /// Per channel, [cells] in its own unit.
  private let raw: [[Double]]
  /// Per channel, [cells], scaled.
  private let channels: [[Float]]
  /// The lines of every cell, nil where logs were not recorded, [cells].
  private var logs: [LogCell?] = []

  /// Reads the channels of a frame.
  ///
  /// - Parameters:
  ///   - frame: The service's telemetry.
  ///   - grid: Its time axis; cells beyond `grid.count` are not looked at.
  public init(
    _ frame: ServiceFrame, grid: TimeGrid, definition: FeatureDefinition,
    model: ServiceFeatureModel
  ) {
    (self.definition, self.model) = (definition, model)
    var raw = Array(repeating: [Double](), count: model.channelScaling.count)
    var rows: [(time: Timestamp, metrics: [Double])] = []
    var reader = model.logs?.reader()
    for row in FrameRows(frame: frame, grid: grid, columns: model.metricColumns) {
      rows.append((row.time, row.metrics))
      for (channel, value) in row.metrics.enumerated() { raw[channel].append(value) }
      let cell = reader?.cell(row.logs, definition.needsTransitions ? row.transitions : nil)
      logs.append(cell)
      for (index, value) in (reader?.values(of: cell) ?? []).enumerated() {
        raw[row.metrics.count + index].append(value)
      }
    }
    channels = raw.indices.map { channel in
      zip(raw[channel], rows).map { value, row in
        model.withoutCourse(
          scaled(value, by: model.channelScaling[channel]), channel: channel, time: row.time)
      }
    }
    (self.raw, self.rows) = (raw, rows)
  }

  /// The number of features.
  public var featureCount: Int { model.featureCount(definition) }

  /// Gives every feature's column, [cells], in the order of `FeatureModel.featureNames(of:)`.
  public func forEachFeature(_ body: (_ feature: Int, _ values: [Float]) -> Void) {
    var feature = 0
    func emit(_ column: [Float]) {
      if model.featureScaling.isEmpty {
        body(feature, column)
      } else {
        let scaling = model.featureScaling[feature]
        body(feature, column.map { scaled(Double($0), by: scaling) })
      }
      feature += 1
    }
    for channel in channels.indices { forEachFeature(of: channel, emit) }
    let service = ServiceFeatures(definition, columns: model.metricColumns)
    var values: [Float] = []
    for row in rows { service.append(time: row.time, metrics: row.metrics, to: &values) }
    for index in service.names.indices {
      emit(stride(from: index, to: values.count, by: service.names.count).map { values[$0] })
    }
    var ofLogs = LogFeatures(definition, logs: model.logs, profile: model.logProfile)
    values.removeAll()
    for cell in logs { ofLogs.push(cell, to: &values) }
    for index in ofLogs.names.indices {
      emit(stride(from: index, to: values.count, by: ofLogs.names.count).map { values[$0] })
    }
  }

  private func forEachFeature(of channel: Int, _ emit: ([Float]) -> Void) {
    let count = rows.count
    let selected = definition.channelFeatures
    func columns(_ features: [SelectedFeature], of values: [Double]) -> [Double] {
      var output = Array(repeating: 0.0, count: features.count * count)
      ColumnFeatures(features).compute(values, into: &output)
      return output
    }
    let plain = selected.filter { !$0.feature.isSeasonal && $0.feature != .rateOfChange }
    let changes = selected.filter { $0.feature == .rateOfChange }
    let plainColumns = columns(plain, of: channels[channel].map(Double.init))
    let changeColumns = columns(changes, of: raw[channel])
    var (nextPlain, nextChange) = (0, 0)
    for feature in selected.lazy.map(\.feature) {
      switch feature {
      case .hourResidual, .dayResidual:
        let profile = model.seasons.isEmpty ? nil : model.seasons[channel]
        emit(
          zip(channels[channel], rows).map { value, row in
            let seasons = profile?.expected(at: row.time)
            return value - ((feature == .hourResidual ? seasons?.hour : seasons?.day) ?? .nan)
          })
      case .rateOfChange:
        emit(changeColumns[nextChange * count..<(nextChange + 1) * count].map { Float($0) })
        nextChange += 1
      default:
        emit(plainColumns[nextPlain * count..<(nextPlain + 1) * count].map { Float($0) })
        nextPlain += 1
      }
    }
  }

  /// What a detector sees of every cell.
  public func observations() -> [Observation] {
    let empty = Array(repeating: Float.nan, count: featureCount)
    var observations = rows.indices.map { row in
      Observation(
        time: rows[row].time, channels: channels.map { $0[row] }, features: empty,
        isWarm: row + 1 >= definition.historyLength)
    }
    forEachFeature { feature, values in
      for row in values.indices { observations[row].features[feature] = values[row] }
    }
    return observations
  }

  /// Usual courses of the day of the channels over the fit window; empty when none has one. States
  /// have none.
  func courses(isFitted: [Bool]) -> [DailyCourse?] {
    let times = rows.map(\.time)
    let courses = channels.enumerated().map { channel, values -> DailyCourse? in
      let isState = channel < model.metricKinds.count && model.metricKinds[channel] == .state
      return isState
        ? nil
        : DailyCourse(
          fitting: values, times: times, isFitted: isFitted, interval: definition.interval)
    }
    return courses.allSatisfy { $0 == nil } ? [] : courses
  }

  /// Days and weeks of every channel over the fit window.
  func seasons(isFitted: [Bool]) -> [SeasonalProfile] {
    channels.map {
      SeasonalProfile(fitting: $0, times: rows.map(\.time), isFitted: isFitted)
    }
  }
}
