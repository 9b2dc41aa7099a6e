public import Diagnostics
public import Telemetry

/// Why a simulation cannot be run as configured.
public enum SimulationError: DiagnosedError, Equatable {
  /// Too few days for the incidents, or too many for one export.
  case daysOutOfRange(Int)
  /// The sampling interval is not whole minutes from 1 to 15.
  case unsuitableInterval(TimeSpan)
  /// The start is no whole minute, or it lies outside the years that RFC 3339 can write.
  case unsuitableStart(Timestamp)

  /// Trying again will not help.
  public var kind: FailureKind { .invalidInput }

  /// What is wrong and what to choose instead.
  public var description: String {
    switch self {
    case .daysOutOfRange(let days):
      "cannot simulate \(days) days; choose from 14, which leave room for the incidents, to 365"
    case .unsuitableInterval(let interval):
      "cannot sample every \(interval); choose whole minutes from 1m to 15m"
    case .unsuitableStart(let start):
      "cannot start at \(start); choose a whole minute in the years 1970 to 9998"
    }
  }
}
