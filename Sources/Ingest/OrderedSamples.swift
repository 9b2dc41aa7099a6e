internal import Telemetry

/// What was dropped to make a series strictly ascending.
struct RepeatedInstants {
  /// Samples that have the instant and value of another one.
  var repeated = 0
  /// Samples for whose instant a later one in the file has another value.
  var replaced = 0
}

extension SeriesCollector {
  /// Calls `body` with a series' samples in ascending order of time; of those with one instant the
  /// last read stays.
  ///
  /// - Parameter memory: The bytes that may be taken to sort samples.
  /// - Throws: `IngestError.unsortedSeries` when they would not do, or `StorageError`.
  func forEachSample(
    of number: Int, memory: Int, _ body: (_ value: Double, _ time: Int64) -> Void
  ) throws -> RepeatedInstants {
    let track = all[number].samples
    guard !track.isAscending else {
      try store.forEachBlock(of: track) { block in
        for index in block.values.indices { body(block.values[index], block.time(index)) }
      }
      return RepeatedInstants()
    }
    // Two numbers a sample, and as much again while sorting.
    guard track.count <= memory / 32 else {
      throw IngestError.unsortedSeries(
        series: canonical(all[number].labels), source: all[number].source, samples: track.count,
        limit: memory / 32)
    }
    var (times, values): ([Int64], [Double]) = ([], [])
    times.reserveCapacity(track.count)
    values.reserveCapacity(track.count)
    try store.forEachBlock(of: track) { block in
      for index in block.values.indices { times.append(block.time(index)) }
      values += block.values
    }
    var dropped = RepeatedInstants()
    var last: (value: Double, time: Int64)?
    for index in times.indices.sorted(by: { (times[$0], $0) < (times[$1], $1) }) {
      if let last, last.time == times[index] {
        if last.value == values[index] { dropped.repeated += 1 } else { dropped.replaced += 1 }
      } else if let last {
        body(last.value, last.time)
      }
      last = (values[index], times[index])
    }
    if let last { body(last.value, last.time) }
    return dropped
  }
}
