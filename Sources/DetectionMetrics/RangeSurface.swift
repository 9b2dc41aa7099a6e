/// The range-AUC of one series for growing buffers.
///
/// Only weights near incidents depend on the buffer. Each buffer therefore touches those points
/// alone and adds their weights to a histogram over the thresholds, whose running sum serves all
/// thresholds at once.
struct RangeSurface {
  private let bins: ThresholdBins
  private let incidents: EventRanges
  /// Alarms inside incidents per threshold.
  private let foundInside: [Double]
  /// Per incident the first threshold that anything in it or its buffer reaches.
  private var firstBin: [Int32]
  /// How far `firstBin` has looked on either side.
  private var reach = 0
  /// Weights of buffer points. What lies inside incidents is never read.
  private var weights: [Double]

  init(bins: ThresholdBins, incidents: EventRanges) {
    self.bins = bins
    self.incidents = incidents
    weights = [Double](repeating: 0, count: incidents.count)
    firstBin = incidents.ranges.map { $0.reduce(Int32.max) { min($0, bins.bins[$1]) } }
    var inside = [Double](repeating: 0, count: bins.thresholds.count + 1)
    for range in incidents.ranges {
      for index in range { inside[Int(bins.bins[index])] += 1 }
    }
    foundInside = runningSum(inside)
  }

  /// The areas for one buffer, in points; buffers must not shrink from call to call.
  mutating func areas(buffer: Int) -> (precisionRecall: Double, roc: Double) {
    let half = buffer / 2
    lookAround(upTo: half)
    let (groups, firstAlarms) = bufferedIncidents(half)
    let buffered = bufferWeights(buffer, half)

    let positives = Double(incidents.points)
    var found = 0
    var previous = (recall: 0.0, falseAlarmRate: 0.0)
    var areas = (precisionRecall: 0.0, roc: 0.0)
    for (place, raised) in bins.raised.enumerated() {
      found += firstAlarms[place]
      let alarms = Double(raised)
      let truePositives = foundInside[place] + buffered[place]
      let anomalous = positives + buffered[place] / 2
      let recall = min(truePositives / anomalous, 1) * (Double(found) / Double(groups))
      let rate = (alarms - truePositives) / (Double(incidents.count) - anomalous)
      areas.precisionRecall += (recall - previous.recall) * (truePositives / alarms)
      areas.roc += (rate - previous.falseAlarmRate) * (recall + previous.recall) / 2
      previous = (recall, rate)
    }
    areas.roc += (1 - previous.falseAlarmRate) * (1 + previous.recall) / 2
    return areas
  }

  /// Lets `firstBin` see `half` points on either side.
  private mutating func lookAround(upTo half: Int) {
    while reach < half {
      reach += 1
      for (place, range) in incidents.ranges.enumerated() {
        let before = range.lowerBound - reach
        let after = range.upperBound - 1 + reach
        if before >= 0 { firstBin[place] = min(firstBin[place], bins.bins[before]) }
        if after < incidents.count { firstBin[place] = min(firstBin[place], bins.bins[after]) }
      }
    }
  }

  /// The number of incidents whose buffers do not meet, and how many have their first alarm at
  /// each threshold.
  private func bufferedIncidents(_ half: Int) -> (count: Int, firstAlarms: [Int]) {
    var firstAlarms = [Int](repeating: 0, count: bins.thresholds.count + 1)
    var groups = 0
    var first = Int32.max
    for (place, range) in incidents.ranges.enumerated() {
      first = min(first, firstBin[place])
      let isLast = place + 1 == incidents.ranges.count
      if isLast
        || range.upperBound - 1 + half < incidents.ranges[place + 1].lowerBound - half
      {
        groups += 1
        firstAlarms[Int(first)] += 1
        first = .max
      }
    }
    return (groups, firstAlarms)
  }

  /// The weight of the buffer points that alarm, per threshold.
  private mutating func bufferWeights(_ buffer: Int, _ half: Int) -> [Double] {
    var histogram = [Double](repeating: 0, count: bins.thresholds.count + 1)
    guard half > 0 else { return histogram }
    let decay = (0...half).map { (1 - Double($0) / Double(buffer)).squareRoot() }
    for range in incidents.ranges {
      let before = max(0, range.lowerBound - half)..<range.lowerBound
      for index in before { weights[index] += decay[range.lowerBound - index] }
      let after =
        range.upperBound..<max(range.upperBound, min(range.upperBound + half, weights.count))
      for index in after { weights[index] += decay[index - range.upperBound + 1] }
    }
    var gapStart = 0
    for place in 0...incidents.ranges.count {
      let isLast = place == incidents.ranges.count
      let gapEnd = isLast ? weights.count : incidents.ranges[place].lowerBound
      // Weights are near the incidents at the ends of the gap only.
      let left = place == 0 ? gapStart : min(gapStart + half, gapEnd)
      let right = isLast ? gapEnd : max(left, gapEnd - half)
      for index in gapStart..<left { take(index, into: &histogram) }
      for index in right..<gapEnd { take(index, into: &histogram) }
      if !isLast { gapStart = incidents.ranges[place].upperBound }
    }
    return runningSum(histogram)
  }

  private mutating func take(_ index: Int, into histogram: inout [Double]) {
    histogram[Int(bins.bins[index])] += min(weights[index], 1)
    weights[index] = 0
  }
}

/// The sums of the first 1, 2, … values.
func runningSum(_ values: [Double]) -> [Double] {
  var sum = 0.0
  return values.map { value in
    sum += value
    return sum
  }
}
