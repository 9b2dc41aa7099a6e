public import Diagnostics
public import Telemetry

/// Why scores could not be evaluated.
public enum EvaluationError: DiagnosedError, Equatable {
  /// The plan contradicts itself.
  case invalidPlan(String)
  /// A seal lacks what makes it one.
  case invalidSeal(String)
  /// There is nothing to evaluate.
  case noDetectors
  /// The test ranges hold no cell of the grid.
  case noTestCells(test: [TimeRange], data: TimeRange)
  /// No incident lies in the test time; `incidents` is the time they span, nil without any.
  case noIncidentInTest(test: [TimeRange], incidents: TimeRange?, count: Int)
  /// Incidents lie in the test time, but all of them name services without scores.
  case noScoredIncident(named: [String], services: [String])
  /// Two incidents share an id.
  case duplicateIncident(id: String)
  /// Two detectors share a name.
  case duplicateDetector(String)
  /// A detector has no services, or one twice.
  case badServices(detector: String, reason: String)
  /// Two detectors cover different services.
  case differentServices(detector: String, other: String, missing: [String], extra: [String])
  /// The scores of a service do not fit the grid.
  case wrongLength(detector: String, service: String, expected: Int, found: Int)
  /// A score is negative or infinite.
  case invalidScore(detector: String, service: String, time: Timestamp, value: Float)
  /// The seal fixes no boundary for a detector, or for one of its services.
  case unsealed(detector: String, service: String)
  /// Fitting or calibration has seen some of the test time.
  case testTimeSeen(seen: TimeRange, test: TimeRange)

  /// Always invalid input: trying again will not help.
  public var kind: FailureKind { .invalidInput }

  /// One line: what does not fit, where, and what to do.
  public var description: String {
    switch self {
    case .invalidPlan(let reason):
      return "evaluation plan: \(reason)"
    case .invalidSeal(let reason):
      return "threshold seal: \(reason); seal the output of a calibration"
    case .noDetectors:
      return "no detector to evaluate; pass the scores of at least one"
    case .noTestCells(let test, let data):
      return "no data in the test time: the test is \(list(test)), the data \(text(data)); "
        + "move the test ranges into the data"
    case .noIncidentInTest(let test, let incidents?, let count):
      return "no overlap between incidents and data: the \(count) incidents span "
        + "\(text(incidents)), the test time is \(list(test)); move the test ranges, or check the "
        + "time zone of the incidents file"
    case .noIncidentInTest(let test, nil, _):
      return "no overlap between incidents and data: there are no incidents, the test time is "
        + "\(list(test)); name an incidents file to evaluate against"
    case .noScoredIncident(let named, let services):
      return "no incident in the test time names a scored service: they name \(list(named)), "
        + "scores exist for \(list(services)); correct the service names in the incidents file"
    case .duplicateIncident(let id):
      return "incident id '\(id)' appears twice; give each incident an id of its own"
    case .duplicateDetector(let name):
      return "detector '\(name)' appears twice; give each row a name of its own"
    case .badServices(let detector, let reason):
      return "detector '\(detector)' \(reason)"
    case .differentServices(let detector, let other, let missing, let extra):
      let lacks = missing.isEmpty ? "" : " lacks \(list(missing))"
      let adds = extra.isEmpty ? "" : "\(missing.isEmpty ? "" : " and") adds \(list(extra))"
      return "detector '\(detector)'\(lacks)\(adds) compared with '\(other)'; score the same "
        + "services with every detector"
    case .wrongLength(let detector, let service, let expected, let found):
      return "detector '\(detector)', service '\(service)': \(found) scores for a grid of "
        + "\(expected) cells; write NaN where there is no score"
    case .invalidScore(let detector, let service, let time, let value):
      return "detector '\(detector)', service '\(service)', \(time): score \(value); calibrated "
        + "scores are finite and at least 0, and NaN where there is none"
    case .unsealed(let detector, let service):
      return "detector '\(detector)', service '\(service)': no boundary was fixed before the "
        + "labels were opened; calibrate it first"
    case .testTimeSeen(let seen, let test):
      return "the test time \(text(test)) overlaps \(text(seen)), which fitting or calibration "
        + "has seen; split the time without overlap"
    }
  }
}

private func text(_ range: TimeRange) -> String { "\(range.start) to \(range.end)" }

private func list(_ ranges: [TimeRange]) -> String {
  ranges.isEmpty ? "empty" : ranges.map(text).joined(separator: " and ")
}

/// At most five names, quoted.
private func list(_ names: [String]) -> String {
  let shown = names.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
  return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
}
