import LogRequests
import LogTemplates
import Telemetry
import Testing

private let first = "ffc8ca7e4c8f06c75142c880d5595d96"
private let second = "0a00000000000000000000000000000b"

private let rows: [(Int64, String)] = [
  (1_000_001, "INFO a.B#1 TraceID: \(first) one 17"),
  (2_500_000, "INFO a.B#2 TraceID: \(second) two"),
  (2_500_000, "INFO a.B#1 TraceID: \(first) one 4"),
  (3_000_000, "INFO a.B#3 no trace at all"),
]

private func log(_ rows: [(Int64, String)]) -> TracedLog {
  var reader = TracedLogReader(service: "shop")
  for (time, text) in rows {
    let bytes = Array(text.utf8)
    reader.take(bytes.span, at: time)
  }
  return reader.log()
}

@Suite struct TracedLogTests {
  @Test func `lines that name a trace are kept with their patterns, in the order of time`() {
    let log = log(rows)
    #expect(log.service == "shop" && log.lines.map(\.time) == [1_000_001, 2_500_000, 2_500_000])
    // Lines of one instant are ordered by trace.
    let low: [UInt64] = [0x5142_c880_d559_5d96, 0xb, 0x5142_c880_d559_5d96]
    #expect(log.lines.map(\.trace.low) == low)
    #expect(log.lines[0].number == log.lines[2].number)
    #expect(log.patterns.map { $0.text.contains("a.B#1") } == [true, false])
    #expect(log.patterns.allSatisfy { !$0.text.contains(first) && !$0.text.contains(second) })
  }

  @Test func `the order of lines changes nothing`() {
    #expect(log(rows.reversed()) == log(rows))
  }

  @Test func `lines go to the cells that datasets count them in, and only to recorded ones`() {
    let grid = TimeGrid(first: Timestamp(seconds: 60), interval: .minutes(1), count: 3)
    func line(_ time: Int64) -> TracedLine {
      TracedLine(time: time, trace: TraceIdentity(high: 0, low: 1), number: 0)
    }
    let times: [Int64] = [1000, 60_000_000, 60_000_999, 60_001_000, 130_000_000, 300_000_000]
    let log = TracedLog(
      service: "shop", patterns: [LogPattern(text: "x", level: .info)], lines: times.map(line))
    let cells = log.cells(of: grid, recorded: [true, true, false])
    #expect(cells[0]?.map(\.time) == [1000, 60_000_000, 60_000_999])
    #expect(cells[1]?.map(\.time) == [60_001_000])
    #expect(cells[2] == nil)
  }
}
