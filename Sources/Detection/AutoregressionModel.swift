public import Baselines
internal import Features
internal import LinearAlgebra

/// Vector autoregressions: the linear forecaster beside the LSTM, one per service.
///
/// Channels enter as the LSTM's do, as asinh of their robust deviation, and a missing value as 0, the
/// training median. A cell without any value is a gap: the forecaster starts anew after it.
public struct AutoregressionModel: QuietFitted {
  /// The detector's name.
  public static let name = "autoregression"

  /// The forecasters by service.
  public var forecasters: [String: VectorAutoregression]
  /// How errors become scores.
  public var errors: ErrorModel

  /// Makes a model from its parts.
  public init(forecasters: [String: VectorAutoregression], errors: ErrorModel) {
    (self.forecasters, self.errors) = (forecasters, errors)
  }

  /// Fits a forecaster to each history that is longer than its lags; services without one have no
  /// detector.
  ///
  /// - Parameter errors: How errors become scores; their usual size is fitted here.
  /// - Throws: `BaselineError` when the equations cannot be solved.
  public init(
    fitting histories: [ServiceHistory], lags: Int, errors: ErrorModel
  ) throws(BaselineError) {
    self.init(forecasters: [:], errors: errors)
    for history in histories {
      do {
        let forecaster = try VectorAutoregression.fit(history.stretches, lags: lags)
        forecasters[history.service] = forecaster
        self.errors.leaveOut(history.isState, of: history.service)
        self.errors.usual[history.service] =
          AutoregressionForecaster(forecaster).usualErrors(on: history)
      } catch BaselineError.noRows {
        continue
      }
    }
  }

  /// The name in reports and artifacts.
  public var name: String { Self.name }

  /// A detector at the start of a service's time; nil for a service not seen in training.
  public func combiningDetector(for service: String) -> (any DeviationCombining)? {
    forecasters[service].flatMap {
      errors.detector(for: service, source: AutoregressionForecaster($0))
    }
  }

  /// Learns what a service's errors are like in quiet times.
  public mutating func fit(quiet cells: [[Float]], service: String) {
    errors.fit(quiet: cells, service: service)
  }
}

/// Runs an autoregression along a service's observations.
struct AutoregressionForecaster: ErrorSource {
  private let model: VectorAutoregression
  private var past: LagWindow

  init(_ model: VectorAutoregression) {
    self.model = model
    past = LagWindow(lags: model.lags, columns: model.channels)
  }

  mutating func errors(_ observation: Observation) -> [Float] {
    guard observation.hasData else {
      past.clear()
      return Array(repeating: .nan, count: model.channels)
    }
    let input = Forecaster.input(observation, usesCalendar: false)
    let forecast = past.isFull ? model.forecast(past.elements[...]) : nil
    past.push(input)
    return observation.channels.indices.map { channel in
      guard let forecast, !observation.channels[channel].isNaN else { return .nan }
      return input[channel] - forecast[channel]
    }
  }

  func remember(in memory: inout DetectorMemory) { past.remember(in: &memory) }

  mutating func recall(from memory: inout DetectorMemory) { past.recall(from: &memory) }
}

extension ServiceHistory {
  /// Maximal stretches of consecutive fitted observations with data, as asinh of their channels with
  /// NaN where missing, [n × channels] each.
  fileprivate var stretches: [Matrix] {
    var stretches: [Matrix] = []
    for run in fittedRuns {
      var open = Matrix(rows: 0, columns: channels.count)
      for index in run {
        if observations[index].hasData {
          open.append(row: observations[index].compressedChannels)
        } else if open.rows > 0 {
          stretches.append(open)
          open = Matrix(rows: 0, columns: channels.count)
        }
      }
      if open.rows > 0 { stretches.append(open) }
    }
    return stretches
  }
}
