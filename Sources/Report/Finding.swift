internal import Evaluation
internal import Telemetry

/// How an incident ended for one detector.
enum Finding {
  case found(IncidentOutcome)
  case missed(IncidentOutcome)
  case excluded
  /// Outside the test time.
  case untested

  init(_ incident: Incident, outcomes: [String: IncidentOutcome], tested: Set<String>) {
    if let outcome = outcomes[incident.id] {
      self = outcome.isFound ? .found(outcome) : .missed(outcome)
    } else {
      self = incident.role == .excluded && tested.contains(incident.id) ? .excluded : .untested
    }
  }

  /// The class of its marks in a page.
  var word: String {
    switch self {
    case .found: "found"
    case .missed: "missed"
    case .excluded: "excluded"
    case .untested: "untested"
    }
  }

  /// A sign that tells outcomes apart without colour.
  var glyph: String? {
    switch self {
    case .found: "✓"
    case .missed: "✗"
    case .excluded, .untested: nil
    }
  }

  /// What happened, for people.
  var sentence: String {
    switch self {
    case .found(let outcome): "found \(delay(outcome.delay))"
    case .missed: "missed"
    case .excluded: "excluded"
    case .untested: "outside the test"
    }
  }
}
