import Ingest
import Telemetry
import Testing

@Suite struct CounterTests {
  @Test func `a counter becomes its increase per second`() throws {
    let data = try load([(labels("x_total"), [(0, "10"), (60, "70"), (120, "70"), (180, "100")])])
    #expect(same(data.column("x_total", of: "shop"), [.nan, 1, 0, 0.5]))
    #expect(data.services[0].columns[0].kind == .counter)
  }

  @Test func `a drop is a restart from zero`() throws {
    let data = try load([(labels("x_total"), [(0, "600"), (60, "660"), (120, "30"), (180, "90")])])
    #expect(same(data.column("x_total", of: "shop"), [.nan, 1, 0.5, 1]))
    #expect(data.defect("counter_reset")?.count == 1)
  }

  @Test func `several samples in a cell give one rate over their whole time`() throws {
    let data = try load(
      [(labels("x_total"), [(0, "0"), (20, "10"), (40, "20"), (60, "60"), (80, "70")])],
      every: .minutes(1)
    ) { $0.start = Timestamp(seconds: 0) }
    #expect(data.grid.first == Timestamp(seconds: 60))
    #expect(data.column("x_total", of: "shop")?.first == 1)
  }

  @Test func `one missed scrape spreads the increase, a long gap tells nothing`() throws {
    let data = try load([(labels("x_total"), [(0, "0"), (120, "120"), (480, "600"), (540, "660")])])
    #expect(
      same(
        data.column("x_total", of: "shop"),
        [.nan, .nan, 1, .nan, .nan, .nan, .nan, .nan, .nan, 1]))
  }

  @Test func `a configured kind wins over the suffix`() throws {
    let series = [
      (labels("fds_count"), [(60.0, "5"), (120, "3")]),
      (labels("ticks"), [(60.0, "5"), (120, "65")]),
    ]
    let data = try load(series) { $0.kinds = ["fds_count": .gauge, "ticks": .counter] }
    #expect(data.column("fds_count", of: "shop") == [5, 3])
    #expect(same(data.column("ticks", of: "shop"), [.nan, 1]))
  }
}
