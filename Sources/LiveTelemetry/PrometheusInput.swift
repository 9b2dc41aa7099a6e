public import Exporters
internal import Ingest
internal import Storage
public import Telemetry

/// A Prometheus, or what answers like one, to ask for the newest cells.
public struct PrometheusInput: Sendable {
  /// Where it is, and how to talk to it.
  public var connection: ServerConnection
  /// What to ask for: selectors such as `{namespace="shop"}`, or other expressions.
  public var queries: [String]
  /// The distance between samples, a divisor of the interval. The interval itself unless the model
  /// was trained on an export with a shorter `--step`.
  public var step: TimeSpan

  /// Makes an input.
  public init(connection: ServerConnection, queries: [String], step: TimeSpan) {
    (self.connection, self.queries, self.step) = (connection, queries, step)
  }
}

/// Asks a Prometheus for the samples of cells.
struct PrometheusFetch: Sendable {
  /// Instants that a server answers at most for a series: 11,000; below for those with other limits.
  static let mostInstants = 5_000

  let input: PrometheusInput
  let router: SeriesRouter
  let numbers: CellNumbers
  let limits: LiveLimits

  /// What came.
  struct Result: Sendable {
    var series: [LiveSeries] = []
    var counts = SampleCounts()
    /// What could not be had, for people.
    var losses: [String] = []

    mutating func append(_ other: Result) {
      series += other.series
      counts.merge(other.counts)
      losses += other.losses
    }
  }

  /// The server's time.
  func serverTime(_ client: QueryClient) async throws -> Timestamp {
    try await client.ask("/api/v1/query", [("query", "time()")], stream: -1) { answer in
      let document = JSONDocument(
        try JSONValue(parsing: answer.text, source: answer.url), source: answer.url)
      let result = try document["data"]["result"].elements
      guard result.count == 2 else { throw document.expected("an instant and a value") }
      let seconds = Double(try result[1].string) ?? .nan
      guard seconds.isFinite, abs(seconds) < 1e11 else { throw document.expected("a time") }
      return Timestamp(milliseconds: Int64((seconds * 1000).rounded()))
    }
  }

  /// The samples of cells, and of as many before as their counters need.
  ///
  /// - Throws: `TooMuch` when an answer for several cells is too large: a part of the time must not
  ///   cost series or other parts.
  func samples(_ cells: ClosedRange<Int>, _ client: QueryClient) async throws -> Result {
    var result = Result()
    for query in input.queries {
      result.append(try await samples(query, cells, client, isNarrowed: false))
    }
    let surplus = result.series.count - limits.series
    if surplus > 0 {
      for series in result.series.suffix(surplus) {
        result.counts.add(.dropped, series.times.count)
      }
      result.losses.append("\(surplus) series beyond the limit of \(limits.series)")
      result.series.removeLast(surplus)
    }
    return result
  }

  private func samples(
    _ query: String, _ cells: ClosedRange<Int>, _ client: QueryClient, isNarrowed: Bool
  ) async throws -> Result {
    let instants =
      (cells.count + CellLayout.leadingCells) * Int(numbers.interval.seconds / input.step.seconds)
    if cells.count > 1, instants > Self.mostInstants {
      throw TooMuch(reason: "\(instants) instants")
    }
    do {
      return try await ask(query, cells, client)
    } catch AttemptFailure.tooLarge(let reason) {
      if cells.count > 1 { throw TooMuch(reason: reason) }
      var result = Result()
      if !isNarrowed, isSelector(query), query.hasPrefix("{") {
        for metric in router.metrics {
          result.append(
            try await samples(narrowed(query, to: metric), cells, client, isNarrowed: true))
        }
      } else {
        // The other metrics go on.
        result.counts.add(.dropped)
        result.losses.append("\(query): \(reason); narrow the query")
      }
      return result
    }
  }

  private func ask(
    _ query: String, _ cells: ClosedRange<Int>, _ client: QueryClient
  ) async throws -> Result {
    let begin = numbers.end(of: cells.lowerBound - 1)
    let start = begin - numbers.interval * CellLayout.leadingCells
    let end = numbers.end(of: cells.upperBound)
    let parameters = [
      ("query", query), ("start", seconds(start.milliseconds)), ("end", seconds(end.milliseconds)),
      ("step", seconds(input.step.milliseconds)),
    ]
    let (router, labels) = (router, limits.labels)
    return try await client.ask(
      "/api/v1/query_range", parameters, stream: cells.lowerBound
    ) { answer in
      var gathered = GatheredSamples(
        router: router, window: start.milliseconds...end.milliseconds,
        countedAfter: begin.milliseconds, labelLimit: labels)
      var stream = JSONStream(answer.text, source: answer.url)
      var reader = PrometheusAnswer(path: answer.url)
      try reader.read(&stream, into: &gathered)
      return gathered.result
    }
  }
}

/// Takes the series of an answer that the model wants.
private struct GatheredSamples: SeriesSink {
  let router: SeriesRouter
  /// The time asked for, in milliseconds.
  let window: ClosedRange<Int64>
  /// Samples before are taken again only for counters' sake.
  let countedAfter: Int64
  let labelLimit: Int
  private(set) var result = PrometheusFetch.Result()

  init(
    router: SeriesRouter, window: ClosedRange<Int64>, countedAfter: Int64, labelLimit: Int
  ) {
    (self.router, self.window, self.countedAfter) = (router, window, countedAfter)
    self.labelLimit = labelLimit
  }

  /// Series that nobody wants have the number -1.
  mutating func begin(labels: [String: String], path: String) throws -> Int {
    guard labels.count <= labelLimit, router.wants(labels) else { return -1 }
    result.series.append(LiveSeries(labels: labels))
    return result.series.count - 1
  }

  mutating func append(
    _ values: ArraySlice<Double>, at times: ArraySlice<Int64>, to number: Int
  ) throws {
    var counts: (accepted: Int, unknown: Int, stale: Int, future: Int) = (0, 0, 0, 0)
    for (value, time) in zip(values, times) {
      if time > window.upperBound {
        counts.future += 1
      } else if time < window.lowerBound {
        counts.stale += 1
      } else if number < 0 {
        if time > countedAfter { counts.unknown += 1 }
      } else {
        result.series[number].times.append(time)
        result.series[number].values.append(value)
        guard time > countedAfter else { continue }
        counts.accepted += 1
        result.counts.saw(time)
      }
    }
    result.counts.add(.accepted, counts.accepted)
    result.counts.add(.unknownSeries, counts.unknown)
    result.counts.add(.stale, counts.stale)
    result.counts.add(.future, counts.future)
  }

  mutating func skipHistograms(labels: [String: String], path: String) {
    // Training did not read them either.
    result.counts.add(.unknownSeries)
  }
}
