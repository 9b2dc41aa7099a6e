internal import Storage
internal import Synchronization
public import Telemetry

/// Takes what Prometheus sends by remote write 1.0 and makes rows of it once cells are over.
///
/// Models are trained on exports, which hold what a series is at each step: its last sample of the
/// `lookback` before, unless it has ended. The same is made of what is sent, so that cells equal those
/// of a range query bit for bit.
public final class RemoteWriteReceiver: Sendable {
  /// How samples are taken.
  public struct Settings: Sendable {
    /// How long after its end a cell counts as complete.
    public var delay = TimeSpan.seconds(30)
    /// The distance of the instants at which series are looked at, a divisor of the interval; nil
    /// takes all samples as they are, for models that were trained on raw dumps.
    public var step: TimeSpan?
    /// How long a sample stands for its series, Prometheus's `query.lookback-delta`.
    public var lookback = TimeSpan.minutes(5)
    /// Bytes of a request after decompression.
    public var requestBytes = 64 << 20
    /// Limits of what is taken.
    public var limits = LiveLimits()
    /// The clocks.
    public var clock = LiveClock.system

    /// Settings with a step.
    public init(step: TimeSpan?) { self.step = step }
  }

  /// What to answer to a request.
  public struct Answer: Hashable, Sendable {
    /// The HTTP status. 4xx makes the sender drop what it sent.
    public var status: Int
    /// One line for the sender's log; empty for success.
    public var message: String

    package init(status: Int, message: String) { (self.status, self.message) = (status, message) }
  }

  /// Samples of one series in ascending order of time.
  private struct Track {
    var labels: [String: String]
    var times: [Int64] = []
    var values: [Double] = []
  }

  private struct State {
    var tracks: [Track] = []
    var numbers: [[String: String]: Int] = [:]
    /// The first cell that has no rows yet.
    var next: Int
    var judge: ClockJudge
    var newest: (time: Int64, steady: Int64)?
    var wasDisputed = false
  }

  private let schema: LiveSchema
  private let settings: Settings
  private let router: SeriesRouter
  private let assembly: RowAssembly
  private let numbers: CellNumbers
  private let observer: any LiveObserver
  private let tolerance: TimeSpan
  private let state: Mutex<State>

  /// Makes a receiver whose first row is of the cell that is under way.
  ///
  /// - Parameters:
  ///   - last: The last cell that was scored, if any: cells before and up to it get no rows.
  ///   - former: A receiver for another model, whose samples this one goes on with.
  /// - Throws: `LiveError.invalidInput` for a step that does not divide the interval.
  public init(
    _ schema: LiveSchema, settings: Settings, after last: Timestamp? = nil,
    continuing former: RemoteWriteReceiver? = nil, observer: any LiveObserver = SilentObserver()
  ) throws(LiveError) {
    if let step = settings.step {
      guard step > .zero, schema.interval.milliseconds % step.milliseconds == 0 else {
        throw .invalidInput(
          reason: "remote_write.step \(step) does not divide the model's interval "
            + "\(schema.interval)")
      }
    }
    (self.schema, self.settings, self.observer) = (schema, settings, observer)
    let router = SeriesRouter(schema, limits: settings.limits)
    self.router = router
    assembly = RowAssembly(schema, limits: settings.limits)
    let numbers = CellNumbers(schema)
    self.numbers = numbers
    tolerance = max(.seconds(5), TimeSpan(milliseconds: schema.interval.milliseconds / 2))
    let clock = settings.clock
    let now = clock.wall()
    let next = max(
      numbers.last(endedBy: now) + 1, last.map { numbers.last(endedBy: $0) + 1 } ?? .min)
    var initial = State(
      next: next, judge: ClockJudge(wall: now, steady: clock.steady(), tolerance: tolerance))
    if let former, former.schema.interval == schema.interval, former.schema.phase == schema.phase {
      let kept = former.state.withLock { ($0.tracks, $0.next, $0.judge) }
      initial.tracks = kept.0.filter { router.wants($0.labels) }
      initial.numbers = Dictionary(
        uniqueKeysWithValues: initial.tracks.enumerated().map { ($1.labels, $0) })
      (initial.next, initial.judge) = (kept.1, kept.2)
    }
    state = Mutex(initial)
  }

  /// Takes a request.
  ///
  /// - Parameters:
  ///   - body: As it came.
  ///   - contentType: The header of that name.
  ///   - contentEncoding: The header of that name.
  public func receive(
    _ body: [UInt8], contentType: String?, contentEncoding: String?
  ) -> Answer {
    let type = (contentType ?? "").lowercased().filter { $0 != " " && $0 != "\"" }
    guard type.split(separator: ";").first == "application/x-protobuf",
      !type.contains("proto=") || type.contains("proto=prometheus.writerequest")
    else {
      return Answer(
        status: 415,
        message: "expected remote write 1.0 (application/x-protobuf, "
          + "prometheus.WriteRequest), not '\(short(type))'")
    }
    guard contentEncoding?.lowercased() == "snappy" else {
      return Answer(status: 415, message: "expected the content encoding snappy")
    }
    var counts = SampleCounts()
    defer { counts.tell(observer, of: .remoteWrite) }
    let message: [UInt8]
    do throws(SnappyBlock.Failure) {
      message = try SnappyBlock.decompress(body, limit: settings.requestBytes)
    } catch {
      counts.add(.malformed)
      if case .tooLarge = error { return Answer(status: 413, message: error.description) }
      return Answer(status: 400, message: error.description)
    }
    // The message is read before anything of it counts, so that a damaged one changes nothing.
    var series: [RemoteWriteMessage.Series] = []
    do throws(ProtobufReader.Failure) {
      try RemoteWriteMessage.read(message, limits: settings.limits) { one in
        if one.histograms > 0 { counts.add(.unknownSeries, one.histograms) }
        if router.wants(one.labels) {
          series.append(one)
        } else {
          counts.add(.unknownSeries, one.values.count)
        }
      }
    } catch {
      counts.add(.malformed)
      return Answer(status: 400, message: error.description)
    }
    take(series, &counts)
    return Answer(status: 204, message: "")
  }

  private func take(_ series: [RemoteWriteMessage.Series], _ counts: inout SampleCounts) {
    let now = now()
    let latest = (now + tolerance).milliseconds
    counts.merge(
      state.withLock { state in
        var counts = SampleCounts()
        let done = numbers.end(of: state.next - 1).milliseconds
        let earliest = keptAfter(state.next)
        for one in series {
          guard let number = number(of: one.labels, &state) else {
            counts.add(.dropped, one.values.count)
            continue
          }
          for (value, time) in zip(one.values, one.times) {
            if time > latest {
              counts.add(.future)
              continue
            }
            counts.add(time <= done ? .stale : .accepted)
            // What is too late for a row may still be what a counter counts from.
            guard time > earliest else { continue }
            guard insert(value, at: time, into: &state.tracks[number]) else {
              counts.add(.dropped)
              continue
            }
            counts.saw(time)
          }
        }
        if let newest = counts.newest {
          state.newest = (newest.milliseconds, settings.clock.steady())
        }
        return counts
      })
  }

  /// The number of a series; nil when there are too many.
  private func number(of labels: [String: String], _ state: inout State) -> Int? {
    if let number = state.numbers[labels] { return number }
    guard state.tracks.count < settings.limits.series else { return nil }
    state.numbers[labels] = state.tracks.count
    state.tracks.append(Track(labels: labels))
    return state.tracks.count - 1
  }

  /// Puts a sample in its place; false when there are too many.
  private func insert(_ value: Double, at time: Int64, into track: inout Track) -> Bool {
    var place = track.times.count
    while place > 0, track.times[place - 1] > time { place -= 1 }
    if place > 0, track.times[place - 1] == time || isReplaced(track.times[place - 1], by: time) {
      (track.times[place - 1], track.values[place - 1]) = (time, value)
      return true
    }
    // Of a step the last sample alone is looked at.
    if place < track.times.count, isReplaced(time, by: track.times[place]) { return true }
    guard track.times.count < settings.limits.samplesPerSeries else { return false }
    track.times.insert(time, at: place)
    track.values.insert(value, at: place)
    return true
  }

  /// Whether nobody will ask for a sample since there is a later one in its step.
  private func isReplaced(_ time: Int64, by later: Int64) -> Bool {
    guard let step = settings.step?.milliseconds else { return false }
    let phase = schema.phase.milliseconds
    func end(_ time: Int64) -> Int64 {
      let shifted = time - phase - 1
      return (shifted >= 0 ? shifted / step : (shifted + 1) / step - 1)
    }
    return end(time) == end(later)
  }

  /// Samples up to this instant are of no use for cells from a number on.
  private func keptAfter(_ next: Int) -> Int64 {
    let lookback = settings.step == nil ? TimeSpan.zero : settings.lookback
    return numbers.end(of: next - 2 - leading).milliseconds - lookback.milliseconds
  }

  /// Rows of the cells that are complete, by cell and then by service.
  ///
  /// - Throws: `IngestError` where samples cannot be laid out; they are left out then.
  public func takeRows() throws -> [LiveRow] {
    let now = now()
    let ready = numbers.last(
      endedBy: Timestamp(milliseconds: now.milliseconds) - settings.delay)
    let work = state.withLock { state -> (cells: ClosedRange<Int>, series: [LiveSeries])? in
      guard state.next <= ready else { return nil }
      // After a long sleep the windows are filled anew.
      let cells = max(state.next, ready - max(schema.history, 1) + 1)...ready
      let series = state.tracks.map { seen($0, cells) }.filter { !$0.values.isEmpty }
      state.next = ready + 1
      forget(&state)
      return (cells, series)
    }
    guard let work else { return [] }
    return try assembly.rows(
      of: work.cells, series: work.series, lines: nil, source: "remote write")
  }

  /// Hands rows on as cells are over, until it is cancelled.
  ///
  /// - Parameter deliver: Takes rows in the order of time, all services of a cell at once.
  /// - Throws: `CancellationError`, and what `deliver` throws.
  public func run(_ deliver: ([LiveRow]) async throws -> Void) async throws {
    while true {
      try Task.checkCancellation()
      var rows: [LiveRow] = []
      do {
        rows = try await elsewhere { try self.takeRows() }
      } catch {
        let (failure, message) = meaning(of: error)
        observer.failed(.remoteWrite, failure, message: message)
      }
      if !rows.isEmpty { try await deliver(rows) }
      let due = state.withLock { numbers.end(of: $0.next) } + settings.delay
      let rest = max(due - now(), .zero) + .init(milliseconds: 1)
      try await settings.clock.sleep(min(rest, .seconds(5)))
    }
  }

  /// What a query would see of a series.
  private func seen(_ track: Track, _ cells: ClosedRange<Int>) -> LiveSeries {
    var series = LiveSeries(labels: track.labels)
    let start = numbers.end(of: cells.lowerBound - 1 - leading).milliseconds
    let end = numbers.end(of: cells.upperBound).milliseconds
    guard let step = settings.step?.milliseconds else {
      for (time, value) in zip(track.times, track.values) where time >= start && time <= end {
        series.times.append(time)
        series.values.append(value)
      }
      return series
    }
    var index = 0
    for instant in stride(from: start, through: end, by: Int(step)) {
      while index < track.times.count, track.times[index] <= instant { index += 1 }
      guard index > 0, track.times[index - 1] > instant - settings.lookback.milliseconds else {
        continue
      }
      let value = track.values[index - 1]
      // A marker says that the series has ended; other NaN are missing in ingest too.
      guard !value.isNaN else { continue }
      series.times.append(instant)
      series.values.append(value)
    }
    return series
  }

  /// Forgets samples and series that no cell to come needs.
  private func forget(_ state: inout State) {
    let earliest = keptAfter(state.next)
    var isAnyEmpty = false
    for number in state.tracks.indices {
      let old = state.tracks[number].times.prefix { $0 <= earliest }.count
      state.tracks[number].times.removeFirst(old)
      state.tracks[number].values.removeFirst(old)
      isAnyEmpty = isAnyEmpty || state.tracks[number].times.isEmpty
    }
    guard isAnyEmpty else { return }
    state.tracks.removeAll { $0.times.isEmpty }
    state.numbers = Dictionary(
      uniqueKeysWithValues: state.tracks.enumerated().map { ($1.labels, $0) })
  }

  private var leading: Int { RowAssembly.leadingCells }

  /// The time by the clocks, of which the sender's has a voice when ours disagree.
  private func now() -> Timestamp {
    let (wall, steady) = (settings.clock.wall(), settings.clock.steady())
    let (now, isNews) = state.withLock { state -> (Timestamp, Bool) in
      var trial = state.judge
      if trial.judge(wall: wall, steady: steady).isDisputed, let newest = state.newest {
        state.judge.hear(Timestamp(milliseconds: newest.time), steady: newest.steady)
      } else {
        state.judge.forgetServer()
      }
      let (now, isDisputed) = state.judge.judge(wall: wall, steady: steady)
      defer { state.wasDisputed = isDisputed }
      return (now, isDisputed && !state.wasDisputed)
    }
    if isNews {
      observer.failed(
        .remoteWrite, .clockJump,
        message: "this machine's time of day was set to \(wall); taken is \(now)")
    }
    return now
  }
}

private func short(_ text: String) -> String {
  String(text.prefix(80).filter { $0.isASCII && !$0.isNewline })
}
