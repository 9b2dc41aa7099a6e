/// The part of time that belongs to one incident.
struct AffiliationZone {
  /// A stretch of continuous time that is not empty.
  struct Interval {
    let start: Double
    let end: Double

    var length: Double { end - start }

    init(_ range: Range<Int>) {
      start = Double(range.lowerBound)
      end = Double(range.upperBound)
    }

    private init(start: Double, end: Double) {
      self.start = start
      self.end = end
    }

    func clipped(from low: Double, to high: Double) -> Interval {
      Interval(start: max(start, low), end: min(end, high))
    }
  }

  let start: Double
  let end: Double
  let incident: Interval

  private var length: Double { end - start }

  /// The mean over the time of alarms of the probability that a random point of the zone is
  /// farther from the incident; nil without alarms.
  func precision(_ alarms: [Interval]) -> Double? {
    guard !alarms.isEmpty else { return nil }
    var sum = 0.0
    var total = 0.0
    for alarm in alarms {
      total += alarm.length
      sum += max(0, min(alarm.end, incident.end) - max(alarm.start, incident.start))
      // What lies before and after the incident, as distances from it.
      sum += survivalOfDistances(
        from: max(0, incident.start - alarm.end), to: max(0, incident.start - alarm.start))
      sum += survivalOfDistances(
        from: max(0, alarm.start - incident.end), to: max(0, alarm.end - incident.end))
    }
    return sum / total
  }

  /// ∫ P(a random point of the zone is farther from the incident than d) over distances d.
  private func survivalOfDistances(from near: Double, to far: Double) -> Double {
    // Up to the nearer end of the zone, points on both sides are closer; then on one side only.
    let bothSides = min(incident.start - start, end - incident.end)
    return integral(from: near, to: far, corners: [bothSides]) { distance in
      1 - (incident.length + min(distance, bothSides) + distance) / length
    }
  }

  /// The mean over the time of the incident of the probability that a random point of the zone is
  /// farther away than the nearest alarm; 0 without alarms.
  func recall(_ alarms: [Interval]) -> Double {
    var sum = 0.0
    for (place, alarm) in alarms.enumerated() {
      // The part of the incident that is nearest to this alarm.
      let from = place == 0 ? start : (alarms[place - 1].end + alarm.start) / 2
      let to = place + 1 == alarms.count ? end : (alarm.end + alarms[place + 1].start) / 2
      let low = max(from, incident.start)
      let high = min(to, incident.end)
      guard low < high else { continue }
      sum += max(0, min(high, alarm.end) - max(low, alarm.start))
      sum += survivalOfTimes(from: low, to: min(high, alarm.start), alarm: alarm.start)
      sum += survivalOfTimes(from: max(low, alarm.end), to: high, alarm: alarm.end)
    }
    return sum / incident.length
  }

  /// ∫ P(a random point of the zone is farther from t than the alarm's end is) over times t.
  private func survivalOfTimes(from low: Double, to high: Double, alarm: Double) -> Double {
    let corners = [(start + alarm) / 2, (start + end) / 2, (end + alarm) / 2]
    return integral(from: low, to: high, corners: corners) { time in
      let distance = abs(time - alarm)
      return 1 - (min(distance, time - start, end - time) + distance) / length
    }
  }

  /// The integral of a function that is a straight line between ascending corners; 0 when the
  /// interval is empty.
  private func integral(
    from low: Double, to high: Double, corners: [Double], _ value: (Double) -> Double
  ) -> Double {
    var sum = 0.0
    var left = low
    for corner in corners where corner > left && corner < high {
      sum += (corner - left) * value((left + corner) / 2)
      left = corner
    }
    return left < high ? sum + (high - left) * value((left + high) / 2) : sum
  }
}
