internal import Foundation
internal import Telemetry

extension Timestamp {
  /// This moment.
  static var now: Timestamp {
    Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
  }
}
