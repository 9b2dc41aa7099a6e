import Ingest
import Telemetry
import Testing

@Suite struct ColumnTests {
  @Test func `a series' own labels name its column, but not those of the scrape`() throws {
    let common = #","namespace":"prod","job":"shop","endpoint":"http","app":"shop""#
    let data = try load([
      (labels("up", common), [(60, "1")]),
      (labels("req_total", common + #","code":"200","verb":"GET""#), [(0, "0"), (60, "60")]),
      (labels("req_total", common + #","code":"500","verb":"G\"T""#), [(0, "0"), (60, "6")]),
    ])
    #expect(
      data.columnNames(of: "shop") == [
        #"req_total{code="200",namespace="prod",verb="GET"}"#,
        #"req_total{code="500",namespace="prod",verb="G\"T"}"#, #"up{namespace="prod"}"#,
      ])
    #expect(data.services[0].columns[0].labels["namespace"] == "prod")
    #expect(data.services[0].columns[0].labels["__name__"] == "req_total")
  }

  @Test func `replacing a pod makes no new columns`() throws {
    let old = #","pod":"shop-7f8d7d756d-k7b9j","instance":"10.0.0.1:80""#
    let new = #","pod":"shop-866bd68c97-xcqfx","instance":"10.0.0.9:80""#
    let data = try load([
      (labels("mem", old), [(60, "1"), (120, "2")]),
      (labels("mem", new), [(180, "3"), (240, "4")]),
      (labels("x_total", old), [(60, "0"), (120, "60")]),
      (labels("x_total", new), [(180, "0"), (240, "120")]),
    ])
    #expect(data.columnNames(of: "shop") == ["mem", "x_total"])
    #expect(data.column("mem", of: "shop") == [1, 2, 3, 4])
    #expect(same(data.column("x_total", of: "shop"), [.nan, 1, .nan, 2]))
    #expect(data.defect("merged_series")?.count == 2)
    #expect(data.services[0].columns[0].labels["pod"] == nil)
  }

  @Test func `of several pods at a time gauges are averaged and rates summed`() throws {
    var series: [(labels: String, samples: [(Double, String)])] = []
    for (index, name) in ["a", "b", "c"].enumerated() {
      let pod = #","pod":"\#(name)""#
      series.append((labels("mem", pod), [(60, "\(index)"), (120, index == 2 ? "NaN" : "4")]))
      series.append((labels("x_total", pod), [(60, "0"), (120, "\(60 * (index + 1))")]))
    }
    let data = try load(series)
    #expect(data.column("mem", of: "shop") == [1, 4])
    #expect(same(data.column("x_total", of: "shop"), [.nan, 6]))
    #expect(try load(series.reversed()).services == data.services)
  }

  @Test(arguments: [
    (#"{"service":"a","job":"b"}"#, "a"), (#"{"service":"","job":"b"}"#, "b"),
    (#"{"job":"kubelet","container":"cart"}"#, "cart"), (#"{"job":"kubelet"}"#, "kubelet"),
    (#"{"pod":"ts-user-service-687d654649-lrcwv"}"#, "ts-user-service"),
    (#"{"pod":"node-exporter-x7k2p"}"#, "node-exporter"), (#"{"pod":"db-0"}"#, "db"),
    (#"{"pod":"redis-proxy"}"#, "redis-proxy"), (#"{"pod":"lonely"}"#, "lonely"),
    (#"{"other":"x"}"#, "system"),
  ])
  func `the first telling label names the service`(_ labels: String, _ service: String) throws {
    let data = try load([(labels.replacing("{", with: #"{"__name__":"up","#), [(60, "1")])])
    #expect(data.services.map(\.service) == [service])
  }
}
