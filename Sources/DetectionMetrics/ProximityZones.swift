/// The zones around incidents in which alarms count in part.
struct ProximityZones {
  private let incidents: EventRanges
  /// Per incident the points before it, then those after it.
  private let early: [Range<Int>]
  private let late: [Range<Int>]

  /// A late zone ends where the next incident begins, an early zone begins where the late zone
  /// of the incident before ends.
  init(incidents: EventRanges, early earlyLength: Int, late lateLength: Int) {
    var early: [Range<Int>] = []
    var late: [Range<Int>] = []
    let ranges = incidents.ranges
    for (place, range) in ranges.enumerated() {
      let floor = late.last?.upperBound ?? 0
      early.append(max(floor, range.lowerBound - earlyLength)..<range.lowerBound)
      let next = place + 1 < ranges.count ? ranges[place + 1].lowerBound : incidents.count
      late.append(range.upperBound..<min(range.upperBound + lateLength, next))
    }
    self.incidents = incidents
    self.early = early
    self.late = late
  }

  /// The weight of true alarms per threshold.
  func truePositives(bins: ThresholdBins, detections: IncidentDetections) -> [Double] {
    var histogram = [Double](repeating: 0, count: bins.thresholds.count + 1)
    for (place, range) in incidents.ranges.enumerated() {
      for index in range { histogram[Int(bins.bins[index])] += 1 }
      let middle = (Double(range.lowerBound) + Double(range.upperBound - 1)) / 2
      // Early alarms are true only once the incident itself is detected.
      let firstDetection = detections.first[place]
      let full = middle - Double(early[place].lowerBound)
      for index in early[place] {
        let bin = max(bins.bins[index], firstDetection)
        histogram[Int(bin)] += 1 - (middle - Double(index)) / full
      }
      let fullAfter = Double(late[place].upperBound - 1) - middle
      for index in late[place] {
        histogram[Int(bins.bins[index])] += 1 - (Double(index) - middle) / fullAfter
      }
    }
    return runningSum(histogram)
  }
}
