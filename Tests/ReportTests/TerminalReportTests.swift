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
    // Two alarms 29 cells apart touch the ten cells of A at 20 of 100 shifts and the two of B at 4, never
    // of both at once: 0.24 finds on average, and 1 or more at 24.
    let expected = """
      ours found 1 of 2 incidents, half of them within 2m of their start, with 16.7 false alarms per
      service and day. It was in alert for 2 % of the scored test time. Finding 1 may be luck: the same
      alarms at random times would find 0.24 on average, and 1 or more in 24 % of placements. Its AUC-PR
      of 0.196 is 1.60 times what random scores reach.

      1 service, 100 cells of 1m each, 2 incidents, 1 excluded
      test 2026-09-21 14:13Z to 2026-09-21 15:53Z
      prevalence 12.2 %: the AUC-PR of random scores is 0.122

                            VS                     BY                   MEDIAN  FALSE PER  TIME IN   R@5%
      DETECTOR  AUC-PR  RANDOM  VUS-PR  FOUND  CHANCE  PRECISION    F1   DELAY    SVC-DAY    ALERT  QUIET
      ours       0.196   1.60×   0.345    1/2    0.24       0.50  0.50     +2m       16.7      2 %   0.50
      always     0.122   1.00×   0.294    2/2    2.00       0.22  0.36     +1m        117    100 %   0.00

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

  /// The text without its line breaks.
  private func prose(_ report: TerminalReport) -> String {
    report.text.replacing("\n", with: " ")
  }

  @Test func `what is always in alarm is said to be no better than chance and random scores`()
    throws
  {
    let text = prose(TerminalReport(try result(), primary: "always"))
    #expect(text.contains("It was in alert for 100 % of the scored test time."))
    #expect(
      text.contains(
        "Finding 2 is no better than chance: the same alarms at random times would find 2.00 on "
          + "average."))
    #expect(
      text.contains(
        "Its scores rank cells no better than random ones: an AUC-PR of 0.122 at a prevalence of "
          + "0.122."))
  }

  @Test func `findings that chance does not explain stand beside what chance would reach`() throws {
    let result = try Scene.everyday.evaluation()
    let chance = try #require(result.rows[0].events.chance)
    #expect(chance.probability < 0.05)
    let text = prose(TerminalReport(result))
    #expect(
      text.contains(
        ". The same alarms at random times would find \(rounded(chance.recall * 6)) on average."))
    #expect(!text.contains("no better") && !text.contains("luck"))
  }

  @Test func `a result that was stored without chance says nothing about it`() throws {
    var result = try Scene.everyday.evaluation()
    for row in result.rows.indices { result.rows[row].events.chance = nil }
    let text = prose(TerminalReport(result))
    #expect(!text.contains("on average"))
    #expect(text.contains("–"))
  }

  @Test func `notes stand under the verdict`() throws {
    let long = (1...30).map { "word\($0)" }.joined(separator: " ")
    let text = TerminalReport(
      try Scene.everyday.evaluation(), notes: [long, "a\u{1B}[2J"]
    ).text
    let parts = text.split(separator: "\n\n")
    #expect(parts[0].hasPrefix("forest + LSTM found"))
    let notes = parts[1].split(separator: "\n")
    #expect(notes[0] == "Read with care:")
    #expect(notes[1].hasPrefix("- word1 word2"))
    #expect(notes[2].hasPrefix("  word"))
    #expect(notes.last == "- a\u{FFFD}[2J")
    #expect(!TerminalReport(try Scene.everyday.evaluation()).text.contains("Read with care"))
  }

  @Test func `no table is wider than 110 columns and no prose wider than 100`() throws {
    let name = "kubernetes.production." + String(repeating: "very_long_name_", count: 6)
    var scene = Scene(services: [name + "a", name + "b"], cells: 1000)
    scene.add("I-" + name + "1", name + "a", name + "leak", 700..<750)
    scene.add("I-" + name + "2", name + "b", name + "crash", 800..<850)
    let rows = (1...9).map { "\(name)detector-\($0)" }
    let text = TerminalReport(try scene.evaluation(names: rows), notes: [name + " " + name]).text
    let widths = text.split(separator: "\n").map(\.count)
    #expect(widths.max() ?? 0 <= 110)
    for index in 1...9 { #expect(text.contains(try Regex("\nkub[^ ]*…[^ ]*-\(index) "))) }
    for index in 1...2 { #expect(text.contains(try Regex("\nI-k[^ ]*…[^ ]*_\(index) "))) }
  }

  @Test func `other finders are named where there is room and counted where not`() throws {
    let few = TerminalReport(try Scene.everyday.evaluation()).text
    #expect(few.contains("ALSO FOUND BY"))
    #expect(few.contains("  moving z"))
    var scene = Scene(services: ["a-service-of-some-length"], cells: 1000)
    scene.add(
      "INC-2026-11-23-at-08-00", "a-service-of-some-length", "defect", 700..<750)
    let many = TerminalReport(try scene.evaluation()).text
    #expect(many.contains("OTHERS"))
    #expect(many.contains("INC-2026-11-23-at-08-00"))
  }

  @Test func `incidents beyond sixty are counted`() throws {
    var scene = Scene(services: ["a"], cells: 4000)
    for index in 0..<70 {
      scene.add("I-\(index)", "a", "spike", 2300 + index * 20..<2305 + index * 20)
    }
    let result = try scene.evaluation()
    let missed = result.rows[0].outcomes.dropFirst(60).count { !$0.isFound }
    let text = TerminalReport(result).text
    #expect(text.contains("I-59 ") && !text.contains("I-60 "))
    #expect(
      text.hasSuffix(
        "and 10 incidents more, \(missed) of them missed; the HTML report and the JSON output list "
          + "all\n"))
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

  @Test func `what does not fit is cut in its middle, the widest words first, numbers never`() {
    var table = TerminalTable([
      ("NAME", .left), ("START", .leftWhole), ("N", .right), ("KIND", .left),
    ])
    table.add(["checkout-service-eu-1", "2026-11-23 08:00Z", "1000000000", "latency"])
    #expect(table.text(width: 53).split(separator: "\n")[1].count == 53)
    #expect(
      table.text(width: 53).split(separator: "\n")[1]
        == "checko…e-eu-1  2026-11-23 08:00Z  1000000000  latency")
    #expect(table.text(width: 10) == table.text(width: 48))
    #expect(table.text(width: 200) == table.text)
  }

  @Test func `headings of several lines stand at the bottom`() {
    var table = TerminalTable([("NAME", .left), ("TIME IN\nALERT", .right)])
    table.add(["a", "5 %"])
    #expect(table.text == "      TIME IN\nNAME    ALERT\na         5 %\n")
  }

  @Test func `a row of another width traps`() async {
    await #expect(processExitsWith: .failure) {
      var table = TerminalTable([("NAME", .left)])
      table.add(["a", "b"])
    }
  }
}

@Suite struct TerminalTextTests {
  @Test func `prose breaks at blanks and cuts what is longer than a line in its middle`() {
    #expect(wrapped("one two three", width: 7) == "one two\nthree")
    #expect(wrapped("one two three", width: 8, indent: "  ") == "one two\n  three")
    #expect(wrapped("a /a/path/of/some/length b", width: 5) == "a\n/a…th\nb")
    #expect(wrapped("ingested  5", width: 20) == "ingested  5")
    #expect(wrapped("決済 決済", width: 8) == "決済\n決済")
    #expect(wrapped("", width: 8) == "")
  }

  @Test func `names keep both ends`() {
    #expect(shortened("checkout", to: 8) == "checkout")
    #expect(shortened("checkout-1", to: 8) == "chec…t-1")
    #expect(shortened("決済決済決済", to: 7) == "決…済")
    #expect(shortened("abc", to: 1) == "…")
  }
}
