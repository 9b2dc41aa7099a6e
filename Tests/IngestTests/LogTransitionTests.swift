import Foundation
import Ingest
import Storage
import Telemetry
import Testing

/// A line at a second of 2026-01-01 with a fraction of up to nine digits.
private func line(
  _ second: Int, _ text: String, pod: String = "a", level: String = "info",
  fraction: String = "000"
) -> String {
  let time = "\(Timestamp(seconds: 1_767_225_600 + Int64(second)))".dropLast()
  return
    #"{"labels":{"level":"\#(level)","pod":"\#(pod)","service":"shop"},"line":"\#(text)","timestamp":"\#(time.prefix(19)).\#(fraction)Z"}"#
    + "\n"
}

/// What follows what in a service, as `row: from > to × lines` in words.
private func following(
  _ lines: String, every interval: TimeSpan = .minutes(1),
  adjust: (inout IngestConfiguration) -> Void = { _ in }
) throws -> [String] {
  let folder = try TestFolder(["l.jsonl": lines])
  return told(try ingest(.loki(path: folder.path), every: interval, adjust: adjust))
}

private func told(_ data: Dataset) -> [String] {
  let logs = data.services.first?.logs
  return (logs?.transitions ?? []).map {
    "\($0.row): \(logs?.patterns[$0.from].text ?? "") > \(logs?.patterns[$0.to].text ?? "")"
      + ($0.lines == 1 ? "" : " × \($0.lines)")
  }
}

@Suite struct LogTransitionTests {
  @Test func `what follows what is counted in the cell of the later line`() throws {
    let found = try following(
      line(1, "in") + line(2, "out") + line(3, "in") + line(4, "out") + line(70, "in")
        + line(71, "end"))
    #expect(found == ["0: in > out × 2", "0: out > in", "1: in > end"])
  }

  @Test func `a cell's first line follows the last one of the cell before`() throws {
    #expect(try following(line(50, "in") + line(65, "out")) == ["1: in > out"])
  }

  @Test func `each stream has an order of its own, whatever severities its lines have`() throws {
    let found = try following(
      line(1, "in") + line(2, "up", pod: "b") + line(3, "out", level: "error")
        + line(4, "down", pod: "b"))
    #expect(found == ["0: in > out", "0: up > down"])
  }

  @Test func `each log of files has the order of its lines, within a millisecond too`() throws {
    func pod(_ name: String, _ texts: String...) -> (String, String) {
      (
        "shop_shop-5b6f9d4c8-\(name)_1/shop/0.log",
        texts.map { "2026-01-01T00:00:01.5Z stdout F \($0)\n" }.joined()
      )
    }
    let folder = try TestFolder(
      Dictionary(uniqueKeysWithValues: [pod("x2x9z", "up", "in"), pod("k7b9j", "out", "down")]))
    let data = try ingest(
      .containerLogs(ContainerLogSource(path: folder.path)), every: .minutes(1))
    #expect(Set(told(data)) == ["0: up > in", "0: out > down"])
  }

  @Test func `after a pause longer than a cell nothing follows`() throws {
    #expect(try following(line(1, "in") + line(61, "out")) == ["1: in > out"])
    #expect(try following(line(1, "in") + line(61, "out", fraction: "001")) == [])
  }

  @Test func `nothing follows what lies before the grid`() throws {
    let found = try following(line(50, "in") + line(65, "out") + line(66, "end")) {
      $0.start = Timestamp(seconds: 1_767_225_660)
    }
    #expect(found == ["0: out > end"])
  }

  @Test func `the order of lines in files, and of files, does not matter`() throws {
    var lines: [String] = []
    for index in 0..<400 {
      let pod = ["a", "b", "c"][index * 7 % 3]
      let text = ["in", "ask", "answer", "out"][index * 13 % 5 % 4]
      // Many lines share an instant, and some all of it.
      lines.append(line(index / 5, text, pod: pod, fraction: "00\(index % 3)00\(index % 2)"))
    }
    let expected = try following(lines.joined())
    #expect(expected.count > 10)
    #expect(try following(lines.reversed().joined()) == expected)
    let parts = (0..<2).map { part in
      lines.indices.filter { $0 * 11 % 7 % 2 == part }.map { lines[$0] }.joined()
    }
    for order in [["1", "2"], ["2", "1"]] {
      let folder = try TestFolder([
        "\(order[0]).jsonl": parts[0], "\(order[1]).jsonl": parts[1],
      ])
      #expect(told(try ingest(.loki(path: folder.path))) == expected)
    }
  }

  @Test func `microseconds put lines in order, and of one microsecond the pattern does`() throws {
    let found = try following(
      line(1, "b", fraction: "000002") + line(1, "c", fraction: "000001")
        + line(2, "b", fraction: "000001") + line(2, "c", fraction: "000001"))
    #expect(found == ["0: b > b", "0: b > c", "0: c > b"])
  }

  @Test func `lines of a file keep its order within an instant, or are cut rather than mixed`()
    throws
  {
    let text = (0..<2500).map { index in
      "2026-01-01T00:00:01Z host su: \(index % 2 == 0 ? "in" : "out")\n"
    }.joined()
    let folder = try TestFolder(["a.log": "\(text)2026-01-01T00:00:02Z host su: end\n"])
    let data = try ingest(.syslog(SyslogSource(path: folder.path)))
    // What follows the lines 1000 and 2000 is not counted.
    #expect(
      told(data).sorted() == ["0: in > out × 1250", "0: out > end", "0: out > in × 1247"])
    let defect = try #require(data.defect("crowded_instant"))
    #expect(defect.count == 2 && defect.effect == .noted && defect.source == "a.log")
    #expect(defect.example.hasPrefix("line 1001: "))
    #expect(data.report.skipped == 0 && data.lineCount(of: "su") == 2501)
  }

  @Test func `an answer's nanoseconds put lines in order too`() throws {
    let folder = try TestFolder([
      "a.json": #"""
      {"status":"success","data":{"resultType":"streams","result":[{"stream":{"service":"shop"},
      "values":[["1767225601000002000","b"],["1767225601000001000","a"]]}]}}
      """#
    ])
    #expect(told(try ingest(.loki(path: folder.path))) == ["0: a > b"])
  }

  @Test func `with little memory lines are sorted in slices, to the same result`() throws {
    let lines = (0..<6000).map { index in
      line(index * 7919 % 6000, "step \(["a", "b", "c"][index % 3])", pod: "\(index % 5)")
    }.joined()
    let expected = try following(lines)
    let found = try following(lines) { $0.limits.memoryBytes = 64_000 }
    #expect(found == expected && expected.count > 200)
  }

  @Test func `pairs beyond the limit are left out and counted`() throws {
    let folder = try TestFolder([
      "l.jsonl": line(1, "a") + line(2, "b") + line(3, "c") + line(4, "b") + line(5, "c")
    ])
    let data = try ingest(.loki(path: folder.path)) { $0.limits.transitionsPerService = 2 }
    #expect(told(data) == ["0: a > b", "0: b > c × 2"])
    #expect(data.defect("transition_limit")?.count == 1)
    #expect(data.defect("transition_limit")?.effect == .changed)
  }

  @Test func `an instant before all others of nanoseconds is harmless`() throws {
    let folder = try TestFolder([
      "a.json": #"[{"stream":{"service":"shop"},"values":[["-9223372036854775808","a"]]}]"#
    ])
    #expect(throws: IngestError.self) { try ingest(.loki(path: folder.path)) }
  }
}
