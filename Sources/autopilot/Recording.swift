internal import Evaluation
internal import Experiments
internal import Foundation
internal import Telemetry

/// When something began, for its record.
struct Stopwatch {
  /// The moment.
  let started = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
  private let start = ContinuousClock.now

  /// Seconds since then.
  var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }
}

/// Records what was finished. What was done stays done when that fails; it is only told.
///
/// - Parameter folder: The folder of the records.
/// - Returns: The run as it is recorded; nil when it could not be.
func record(in folder: String, _ make: () throws -> RunRecord) -> RecordedRun? {
  do {
    let record = try make()
    let store = try RunStore(creatingIn: folder)
    return try store.run(try store.record(record))
  } catch {
    writeError("autopilot: warning: the run was not recorded: \(error)")
    return nil
  }
}
