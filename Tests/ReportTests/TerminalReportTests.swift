import Evaluation
import Report
import Telemetry
import Testing

@Suite struct TerminalReportTests {
  /// Cells 60..<70 and 80..<82 of one service; the first is found two minutes late.
  private func result(service: String = "api", name: String = "ours") throws -> EvaluationResult {
    let first = Timestamp(seconds: 1_790_000_040)
    let grid = TimeGrid(first: first, interval: .minutes(1), count: 100)
    func incident(_ id: String, _ cells: Range<Int>, role: Incident.Role = .incident) -> Incident {
      Incident(
        id: id, service: service, kind: "latency",
        start: grid.timestamp(at: cells.lowerBound - 1),
        resolved: grid.timestamp(at: cells.upperBound - 1), role: role)
    }
    var scores = [Float](repeating: 0.5, count: 100)
    (scores[61], scores[90]) = (3, 1)
    let seal = try ThresholdSeal(
      boundaries: [
        .init(detector: name, value: 1), .init(detector: "always", value: 1),
      ], seen: [], digest: "d")
    let labels = SealedLabels([
      incident("A", 60..<70), incident("B", 80..<82), incident("X", 50..<52, role: .excluded),
    ])
    return try evaluate(
      [
        DetectorScores(name: name, services: [.init(service: service, scores: scores)]),
        DetectorScores(
          name: "always",
          services: [.init(service: service, scores: .init(repeating: 1, count: 100))]),
      ], against: labels.open(with: seal),
      plan: EvaluationPlan(grid: grid, test: [grid.range], renotify: .minutes(10)))
  }

  @Test func `a report is this text`() throws {
    // 86 quiet cells; 2 of 98 ranked ones exceed 0.5. AUC-PR by hand: the score 3 is one hit of
    // one cell, 1.0 none of two, 0.5 the other 11 of 12 at a precision of 12/98.
    let expected = """
      ours found 1 of 2 incidents, half of them within 2m of their start, with 16.7 false alarms \
      per service and day. Its AUC-PR of 0.196 is 1.60 times what random scores reach.

      1 service, 100 cells of 1m each, 2 incidents, 1 excluded
      test 2026-09-21 14:13Z to 2026-09-21 15:53Z
      prevalence 12.2 %: the AUC-PR of random scores is 0.122

      DETECTOR  AUC-PR  VS RANDOM  FOUND  PRECISION  RECALL    F1  DELAY  P90  FALSE/SVC-DAY  R@1%  R@5%  COVERAGE
      ours       0.196      1.60×    1/2       0.50    0.50  0.50    +2m  +2m           16.7  0.50  0.50     100 %
      always     0.122      1.00×    2/2       0.22    1.00  0.36    +1m  +1m            117  0.00  0.00     100 %

      INCIDENT  SERVICE  KIND     START              LASTED  OURS       ALSO FOUND BY
      X         api      latency  2026-09-21 15:03Z      2m  excluded
      A         api      latency  2026-09-21 15:13Z     10m  found +2m  always
      B         api      latency  2026-09-21 15:33Z      2m  MISSED     always

      """
    let text = TerminalReport(try result()).text
    #expect(text == expected)
  }

  @Test func `names cannot command the terminal or break a line`() throws {
    let text = TerminalReport(try result(service: "a\u{1B}[2J\nb\u{202E}", name: "o\r\u{7}")).text
    let forbidden = text.unicodeScalars.filter {
      ($0.value < 0x20 && $0 != "\n") || $0.value == 0x7F || $0.value == 0x202E
    }
    #expect(forbidden.isEmpty)
    #expect(text.contains("a\u{FFFD}[2J\u{FFFD}b\u{FFFD}"))
    #expect(
      text.split(separator: "\n", omittingEmptySubsequences: false).count
        == TerminalReport(try result()).text.split(
          separator: "\n", omittingEmptySubsequences: false
        )
        .count)
  }

  @Test func `the primary row decides what the incidents show`() throws {
    let text = TerminalReport(try result(), primary: "always").text
    #expect(text.hasPrefix("always found 2 of 2 incidents"))
    #expect(text.contains("ours ranks better, with 0.196."))
    #expect(!text.contains("MISSED"))
  }

  @Test func `an unknown primary row traps`() async {
    await #expect(processExitsWith: .failure) {
      _ = TerminalReport(try Scene.everyday.evaluation(), primary: "nobody")
    }
  }
}

@Suite struct TerminalTableTests {
  @Test func `words stand left and numbers right without blanks at the end`() {
    var table = TerminalTable([("NAME", .left), ("N", .right), ("REMARK", .left)])
    table.add(["a", "1", ""])
    table.add(["longer", "1000", "x"])
    #expect(table.text == "NAME       N  REMARK\na          1\nlonger  1000  x\n")
  }

  @Test func `wide characters take two columns`() {
    var table = TerminalTable([("NAME", .left), ("N", .right)])
    table.add(["決済", "1"])
    table.add(["ab", "2"])
    #expect(table.text == "NAME  N\n決済  1\nab    2\n")
  }

  @Test func `a row of another width traps`() async {
    await #expect(processExitsWith: .failure) {
      var table = TerminalTable([("NAME", .left)])
      table.add(["a", "b"])
    }
  }
}
