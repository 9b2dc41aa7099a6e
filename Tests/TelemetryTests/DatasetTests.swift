import Telemetry
import Testing

@Suite struct DatasetTests {
  private let columns = [
    MetricColumn(name: "cpu", kind: .gauge), MetricColumn(name: "requests", kind: .counter),
  ]

  @Test func `a row holds the values of one cell`() {
    let frame = ServiceFrame(service: "web", columns: columns, values: [1, 2, 3, 4, 5, 6])
    #expect(Array(frame.row(0)) == [1, 2])
    #expect(Array(frame.row(2)) == [5, 6])
  }

  @Test func `missing values equal each other and nothing else`() {
    let missing = ServiceFrame(service: "web", columns: columns, values: [.nan, 2])
    let same = ServiceFrame(service: "web", columns: columns, values: [.nan, 2])
    let present = ServiceFrame(service: "web", columns: columns, values: [0, 2])
    #expect(missing == same)
    #expect(missing.hashValue == same.hashValue)
    #expect(missing != present)
  }

  @Test func `part of a row traps`() async {
    await #expect(processExitsWith: .failure) {
      _ = ServiceFrame(
        service: "web",
        columns: [MetricColumn(name: "a", kind: .gauge), MetricColumn(name: "b", kind: .gauge)],
        values: [1, 2, 3])
    }
  }

  @Test func `an incident concerns its own service, or all of them`() {
    let (start, end) = (Timestamp(seconds: 1), Timestamp(seconds: 2))
    let own = Incident(id: "1", service: "web", kind: "leak", start: start, resolved: end)
    let all = Incident(id: "2", service: nil, kind: "outage", start: start, resolved: end)
    #expect(own.concerns("web") && !own.concerns("db"))
    #expect(all.concerns("web") && all.concerns("db"))
  }

  @Test func `an incident that ends as it begins traps`() async {
    await #expect(processExitsWith: .failure) {
      let instant = Timestamp(seconds: 1)
      _ = Incident(id: "1", service: nil, kind: "leak", start: instant, resolved: instant)
    }
  }

  @Test func `levels of log lines rise in severity`() {
    #expect(LogLevel.allCases.sorted() == [.unknown, .debug, .info, .warning, .error])
  }
}
