internal import Synchronization
internal import Features
internal import Scoring
internal import Telemetry

extension Fleet {
  /// Appends scores and what else is known of every service, and of the models.
  func write(to text: inout Exposition, now: Timestamp) {
    let states = cells.map {
      $0.state.withLock {
        (
          known: $0.rows > 0, warming: $0.isWarming,
          scores: $0.scores, farthest: $0.farthest
        )
      }
    }
    let labels = model.services.map { "service=\"\(Exposition.escaped($0.service))\"" }
    text.gauge("score", "Calibrated score of a service's last cell; alerts begin at 1.") { add in
      for (label, state) in zip(labels, states) {
        if let score = state.scores.last, !score.isNaN { add(label, Double(score)) }
      }
    }
    let names = model.scoring.scoreNames.dropLast()
    text.gauge("detector_score", "Calibrated score of one detector.") { add in
      for (label, state) in zip(labels, states) {
        for (name, score) in zip(names, state.scores) where !score.isNaN {
          add("\(label),detector=\"\(name)\"", Double(score))
        }
      }
    }
    for (name, help, value) in [
      (
        "observed", "The metric that is farthest from where it usually is.",
        \(observed: Double, lower: Double, upper: Double, deviation: Double).observed
      ),
      ("expected_lower", "Where that metric usually is: the lower end.", \.lower),
      ("expected_upper", "Where that metric usually is: the upper end.", \.upper),
      ("deviation", "How far it is from its median, in usual spreads.", \.deviation),
    ] {
      text.gauge(name, help) { add in
        for (label, state) in zip(labels, states) {
          if let farthest = state.farthest { add(label, farthest[keyPath: value]) }
        }
      }
    }
    text.gauge("services", "Services that are scored.") {
      $0("", Double(states.count { $0.known }))
    }
    text.gauge("warming_services", "Services whose windows are not yet full.") {
      $0("", Double(states.count { $0.known && $0.warming }))
    }
    text.gauge("model_info", "The models in use.") { add in
      for (served, role) in [(model, "champion"), (shadowModel, "shadow")] {
        guard let served else { continue }
        add(
          "name=\"\(Exposition.escaped(served.name))\",version=\"\(served.versionText)\","
            + "digest=\"sha256:\(served.digest.prefix(12))\",role=\"\(role)\"", 1)
      }
    }
    text.gauge("model_age_seconds", "Since the end of the data that the champion was made of.") {
      if let end = model.dataEnd { $0("", (now - end).seconds) }
    }
    text.gauge(
      "shadow_agreement_ratio",
      "Share of the last rows on which champion and challenger were on the same side of 1."
    ) { if let value = agreement.value { $0("", value) } }
  }
}
