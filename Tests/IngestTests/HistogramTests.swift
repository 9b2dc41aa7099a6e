import Ingest
import Telemetry
import Testing

@Suite struct HistogramTests {
  /// Buckets 0.1, 0.5, +Inf of two pods with the given rates per second, over one minute.
  private func histogram(_ pods: [[Double]], withTotals: Bool = true) throws -> Dataset {
    var series: [(labels: String, samples: [(Double, String)])] = []
    for (pod, rates) in pods.enumerated() {
      for (le, rate) in zip(["0.1", "0.5", "+Inf"], rates) {
        series.append(
          (
            labels("lat_seconds_bucket", #","pod":"p\#(pod)","le":"\#(le)""#),
            [(0, "0"), (60, "\(rate * 60)")]
          ))
      }
      guard withTotals else { continue }
      let total = rates[2]
      series.append(
        (labels("lat_seconds_count", #","pod":"p\#(pod)""#), [(0, "0"), (60, "\(total * 60)")]))
      series.append(
        (labels("lat_seconds_sum", #","pod":"p\#(pod)""#), [(0, "0"), (60, "\(total * 12)")]))
    }
    return try load(series)
  }

  @Test func `buckets become quantiles and totals a mean and a rate`() throws {
    let data = try histogram([[2, 3, 4], [3, 6, 6]])
    #expect(
      data.columnNames(of: "shop") == [
        "lat_seconds:mean", "lat_seconds:p50", "lat_seconds:p95", "lat_seconds:p99",
        "lat_seconds:rate",
      ])
    // Together 5, 9 and 10 per second: rank 5 ends the first bucket, 9.5 and 9.9 lie beyond 0.5.
    #expect(same(data.column("lat_seconds:p50", of: "shop"), [.nan, 0.1]))
    #expect(same(data.column("lat_seconds:p95", of: "shop"), [.nan, 0.5]))
    #expect(same(data.column("lat_seconds:rate", of: "shop"), [.nan, 10]))
    #expect(same(data.column("lat_seconds:mean", of: "shop"), [.nan, 0.2]))
  }

  @Test func `a quantile is interpolated within its bucket`() throws {
    // Rank 0.5 × 10 = 5 of the 8 in (0.1, 0.5], 2 being below: 0.1 + 0.4 × 3 / 8.
    let data = try histogram([[2, 10, 10]])
    let median = try #require(data.column("lat_seconds:p50", of: "shop")?.last)
    #expect(abs(median - 0.25) < 1e-12)
    let low = try #require(
      try histogram([[10, 10, 10]]).column("lat_seconds:p50", of: "shop")?.last)
    #expect(abs(low - 0.05) < 1e-12)
  }

  @Test func `without traffic there are no quantiles and no mean`() throws {
    let data = try histogram([[0, 0, 0]])
    for name in ["p50", "p95", "p99", "mean"] {
      #expect(same(data.column("lat_seconds:\(name)", of: "shop"), [.nan, .nan]))
    }
    #expect(same(data.column("lat_seconds:rate", of: "shop"), [.nan, 0]))
  }

  @Test func `buckets without totals still give a rate`() throws {
    let data = try histogram([[1, 2, 4]], withTotals: false)
    #expect(same(data.column("lat_seconds:rate", of: "shop"), [.nan, 4]))
    #expect(data.column("lat_seconds:mean", of: "shop") == nil)
  }

  @Test func `a lone total stays a counter`() throws {
    let data = try load([(labels("jobs_count"), [(0, "0"), (60, "60")])])
    #expect(same(data.column("jobs_count", of: "shop"), [.nan, 1]))
  }
}
