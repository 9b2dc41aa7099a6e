internal import Features
public import LSTM
internal import Telemetry

/// LSTM forecasters: one network for all services with the same channels, and per service the usual
/// size of its errors.
///
/// Channels enter as asinh of their robust deviation, which keeps small moves linear, large ones
/// logarithmic and all of them apart. A missing value enters as 0, the training median, and neither
/// trains nor scores.
public struct ForecastModel: QuietFitted {
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
    public let network: LSTMNetwork
    /// The network as detectors run it; they share its packed weights.
    let inUse: NetworkInUse

    /// Makes a group.
    public init(channels: [String], services: [String], network: LSTMNetwork) {
      (self.channels, self.services, self.network) = (channels, services, network)
      inUse = NetworkInUse(network)
    }

    /// Whether channels, services and networks are equal.
    public static func == (left: Group, right: Group) -> Bool {
      left.channels == right.channels && left.services == right.services
        && left.network == right.network
    }

    /// Feeds what equality looks at.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(channels)
      hasher.combine(services)
      hasher.combine(network)
    }
  }

  /// The groups, in order of their first service.
  public var groups: [Group]
  /// How errors become scores.
  public var errors: ErrorModel
  /// Whether time of day and of week are inputs after the channels.
  public var usesCalendar: Bool

  /// Makes a model from its parts.
  public init(groups: [Group], errors: ErrorModel, usesCalendar: Bool) {
    (self.groups, self.errors, self.usesCalendar) = (groups, errors, usesCalendar)
  }

  /// The name in reports and artifacts.
  public var name: String { Self.name }

  /// A detector at the start of a service's time; nil for a service not seen in training.
  public func combiningDetector(for service: String) -> (any DeviationCombining)? {
    guard let group = groups.first(where: { $0.services.contains(service) }) else { return nil }
    return errors.detector(
      for: service, source: Forecaster(group.inUse, usesCalendar: usesCalendar))
  }

  /// Learns what a service's errors are like in quiet times.
  public mutating func fit(quiet cells: [[Float]], service: String) {
    errors.fit(quiet: cells, service: service)
  }
}
