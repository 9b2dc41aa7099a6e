/// What is detected of each incident, and what the missed rest of it costs, per threshold.
struct IncidentDetections {
  /// Per incident the first threshold that one of its points reaches.
  let first: [Int32]
  /// The weight of missed points per threshold.
  let missed: [Double]

  init(bins: ThresholdBins, incidents: EventRanges) {
    var missed = [Double](repeating: 0, count: bins.thresholds.count)
    first = incidents.ranges.map { range in
      let reached = bins.bins[range]
      var cost = Double(range.count)
      var from = 0
      // The cost changes only where another point of this incident is reached.
      for bin in Set(reached).sorted() where Int(bin) < missed.count {
        for place in from..<Int(bin) { missed[place] += cost }
        cost = Self.missedWeight(reached, at: bin)
        from = Int(bin)
      }
      for place in from..<missed.count { missed[place] += cost }
      return reached.min() ?? .max
    }
    self.missed = missed
  }

  /// Missed points weigh 1 up to the length of the first detected stretch after the start of the
  /// incident, and less the farther they are behind that.
  private static func missedWeight(_ reached: ArraySlice<Int32>, at bin: Int32) -> Double {
    guard let firstHit = reached.firstIndex(where: { $0 <= bin }) else { return 0 }
    let end = reached[firstHit...].firstIndex { $0 > bin } ?? reached.endIndex
    let stretch = end - firstHit
    let length = Double(reached.count)
    let greatest = length * (length - 1) / 2
    var weight = 0.0
    for (offset, other) in reached.enumerated() where other > bin {
      if offset <= stretch {
        weight += 1
      } else {
        let distance = Double(stretch + 1) * (Double(offset) - Double(stretch) / 2)
        weight += 1 - (greatest > 0 ? distance / greatest : 0)
      }
    }
    return weight
  }
}
