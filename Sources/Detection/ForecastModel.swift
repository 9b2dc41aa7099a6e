internal import Features
public import LSTM
public import LinearAlgebra
internal import Telemetry

/// LSTM forecasters: one network for all services with the same channels, and per service the usual
/// size of its errors.
///
/// Channels enter as asinh of their robust deviation, which keeps small moves linear, large ones
/// logarithmic and all of them apart. A missing value enters as 0, the training median, and neither
/// trains nor scores.
public struct ForecastModel: TailWeighted {
  /// The detector's name.
  public static let name = "lstm"

  /// Inputs that say what time it is: sine and cosine of the day and of the week.
  public static let calendarInputs = 4

  /// Names of those inputs.
  private static let calendarNames = ["day_sin", "day_cos", "week_sin", "week_cos"]

  /// Names of what a group's network takes, in order.
  public func inputNames(of group: Group) -> [String] {
    group.channels + (usesCalendar ? Self.calendarNames : [])
  }

  /// Services that share a network.
  public struct Group: Hashable, Sendable {
    /// Their channels, the network's outputs.
    public var channels: [String]
    /// The services, ascending.
    public var services: [String]
    /// The network.
    public var network: LSTMNetwork

    /// Makes a group.
    public init(channels: [String], services: [String], network: LSTMNetwork) {
      (self.channels, self.services, self.network) = (channels, services, network)
    }
  }

  /// The groups, in order of their first service.
  public var groups: [Group]
  /// Per service, location and scale of each channel's error on the fitted observations.
  public var errors: [String: [RobustSummary]]
  /// Span of the exponential smoothing of errors, in observations.
  public var smoothing: Int
  /// Whether time of day and of week are inputs after the channels.
  public var usesCalendar: Bool
  /// What the inputs of each service's detector are divided by.
  public var tails: [String: TailWeights] = [:]

  /// Makes a model from its parts.
  public init(
    groups: [Group], errors: [String: [RobustSummary]], smoothing: Int, usesCalendar: Bool
  ) {
    (self.groups, self.errors, self.smoothing) = (groups, errors, smoothing)
    self.usesCalendar = usesCalendar
  }

  /// The name in reports and artifacts.
  public var name: String { Self.name }

  /// A detector at the start of a service's time; nil for a service not seen in training.
  public func combiningDetector(for service: String) -> (any DeviationCombining)? {
    guard let group = groups.first(where: { $0.services.contains(service) }),
      let errors = errors[service]
    else { return nil }
    return ForecastDetector(
      forecaster: Forecaster(network: group.network, usesCalendar: usesCalendar), errors: errors,
      smoothing: smoothing,
      tails: tails[service] ?? TailWeights(divisors: Array(repeating: 1, count: errors.count)))
  }
}
