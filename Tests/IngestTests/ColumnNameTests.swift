import Ingest
import Telemetry
import Testing

/// A name is a function of its series alone, so that a model finds its columns again in an export
/// with more or fewer series.
@Suite struct ColumnNameTests {
  private typealias Series = (labels: String, samples: [(Double, String)])

  private let base: [Series] = [
    (labels("up", #","namespace":"prod","job":"scrape","pod":"shop-0""#), [(60, "1")]),
    (labels("req_total", #","code":"200","namespace":"prod""#), [(0, "0"), (60, "60")]),
    (labels("calls", #","to":"cart","container":"shop""#), [(60, "2")]),
  ]

  /// Series that share labels, values or a metric with the others, or nothing at all.
  private static let unrelated: [Series] = [
    (labels("other"), [(60, "1")]),
    (labels("up", #","namespace":"stage""#), [(60, "1")]),
    (labels("req_total", #","code":"500","namespace":"prod""#), [(0, "0"), (60, "6")]),
    (labels("calls", #","to":"pay","container":"sidecar","zone":"b""#), [(60, "3")]),
    (labels("calls", #","to":"shop""#), [(60, "4")]),
    (#"{"__name__":"up","service":"cart","namespace":"prod"}"#, [(60, "1")]),
    (labels("lat_bucket", #","le":"+Inf""#), [(0, "0"), (60, "6")]),
  ]

  private let names = [
    #"calls{to="cart"}"#, #"req_total{code="200",namespace="prod"}"#, #"up{namespace="prod"}"#,
  ]

  @Test(arguments: unrelated.indices)
  func `a series that comes or goes changes no other column's name or values`(
    _ index: Int
  ) throws {
    let (alone, together) = (try load(base), try load(base + [Self.unrelated[index]]))
    #expect(alone.columnNames(of: "shop") == names)
    #expect(Set(together.columnNames(of: "shop")).isSuperset(of: names))
    for name in names {
      #expect(
        same(together.column(name, of: "shop"), alone.column(name, of: "shop") ?? []), "\(name)")
    }
    let reduced = try load(base.dropLast() + [Self.unrelated[index]])
    #expect(Set(reduced.columnNames(of: "shop")).isSuperset(of: names.dropFirst()))
  }

  @Test func `a label with the service's value stays unless it is one for services`() throws {
    let data = try load([
      (labels("calls"), [(60, "1")]), (labels("calls", #","to":"shop""#), [(60, "2")]),
      (labels("calls", #","to":"shop","from":"shop","app":"shop""#), [(60, "3")]),
    ])
    #expect(
      data.columnNames(of: "shop") == [
        "calls", #"calls{from="shop",to="shop"}"#, #"calls{to="shop"}"#,
      ])
    #expect(data.report.defects.isEmpty)
  }

  @Test func `labels of the scrape and of the copy never name a column`() throws {
    let rest = #""job":"j","endpoint":"e","instance":"i","node":"n","prometheus_replica":"p""#
    let data = try load([(labels("up", "," + rest), [(60, "1")])])
    #expect(data.columnNames(of: "shop") == ["up"])
  }

  @Test func `of two columns with one name the exported one stays and the other is counted`()
    throws
  {
    let buckets = ["0.1", "+Inf"].map { bound in
      (
        labels: labels("lat_bucket", #","le":"\#(bound)""#),
        samples: [(0.0, "0"), (60, "6")] as [(Double, String)]
      )
    }
    let exported = (labels: labels("lat:p50"), samples: [(60.0, "7")] as [(Double, String)])
    for series in [buckets + [exported], [exported] + buckets.reversed()] {
      let data = try load(series)
      #expect(data.columnNames(of: "shop") == ["lat:p50", "lat:p95", "lat:p99", "lat:rate"])
      #expect(data.column("lat:p50", of: "shop")?.last == 7)
      let taken = try #require(data.defect("column_name_taken"))
      #expect(taken.count == 1 && taken.effect == .skipped && taken.source == "columns")
      #expect(taken.example == "shop: lat:p50 as derived from a histogram")
    }
  }

  @Test func `two series whose labels read alike give one column, whichever comes first`() throws {
    let series = [
      (labels: labels("m", #","a":"1","b":"2""#), samples: [(60.0, "1")] as [(Double, String)]),
      (labels("m", #","a=\"1\",b":"2""#), [(60, "2")]),
    ]
    let (one, other) = (try load(series), try load(series.reversed()))
    #expect(one.columnNames(of: "shop") == [#"m{a="1",b="2"}"#])
    #expect(one.services == other.services)
    #expect(
      one.defect("column_name_taken")?.example == #"shop: m{a="1",b="2"} as an exported gauge"#)
  }
}
