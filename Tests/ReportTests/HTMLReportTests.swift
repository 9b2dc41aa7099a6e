import Evaluation
import Foundation
import Report
import Storage
import Telemetry
import Testing

@Suite struct HTMLReportTests {
  /// A report in which every text that comes from data is `text` with a number.
  private func page(_ text: String) throws -> String {
    var scene = Scene(services: ["\(text)0"], cells: 400)
    scene.add("\(text)1", "\(text)0", "\(text)2", 300..<320)
    scene.add("\(text)3", nil, "\(text)4", 340..<350, role: .excluded)
    scene.add("\(text)5", "\(text)0", "\(text)6", 40..<50)
    var content = try scene.content(title: "\(text)7")
    content.evaluation = try scene.evaluation(names: ["\(text)8", "\(text)9"])
    content.primary = "\(text)8"
    content.findings = try scene.findings(names: ["\(text)8", "\(text)9"]) { "\(text)\($0)" }
    content.evaluation.calibrationDigest = text
    content.splits[0].name = text
    content.facts.append(.init(key: text, value: text))
    content.notes = [text]
    content.ingest.note(text, .skipped, in: text, example: text)
    return HTMLReport(content).render()
  }

  @Test(arguments: [
    "<script>alert(1)</script>", "\" onmouseover=\"alert(1)", "' onload='x", "<!--", "-->",
    "</style><img src=x onerror=alert(1)>", "</title>", "&lt;b&gt;", "]]>", "\u{0}\u{1B}[31m",
  ])
  func `no text from data becomes markup`(text: String) throws {
    let hostile = try page(text)
    #expect(tags(hostile) == tags(try page("plain")))
    #expect(occurrences(of: "<script", in: hostile) == 1)
    #expect(!hostile.unicodeScalars.contains("\u{1B}"))
    #expect(!hostile.unicodeScalars.contains("\u{0}"))
  }

  @Test func `texts are shown as they are`() throws {
    let page = try page("<a href='x'>R&D</a>")
    #expect(page.contains("&lt;a href=&#39;x&#39;&gt;R&amp;D&lt;/a&gt;"))
  }

  @Test func `the page asks nothing of the network`() throws {
    let page = HTMLReport(try Scene.everyday.content()).render()
    for word in [
      "http://", "https://", "src=", "<link", "fetch(", "XMLHttp", "@import", "javascript:",
    ] {
      #expect(!page.contains(word), "\(word)")
    }
    #expect(occurrences(of: "url(", in: page) == occurrences(of: "url(#", in: page))
    #expect(page.contains("default-src 'none'; style-src 'unsafe-inline'"))
  }

  @Test func `the page runs its one script and says so by its digest`() throws {
    let page = HTMLReport(try Scene.everyday.content()).render()
    let parts = page.components(separatedBy: "<script>")
    #expect(parts.count == 2)
    let script = try #require(parts.last?.components(separatedBy: "</script>").first)
    let digits = Array(SHA256Digest.hexadecimal(of: Array(script.utf8)))
    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
    #expect(page.contains("script-src 'sha256-\(Data(bytes).base64EncodedString())'\""))
  }

  @Test func `every incident has a card that says who saw what, missed ones open`() throws {
    let page = HTMLReport(try Scene.everyday.content()).render()
    #expect(occurrences(of: "<details class=\"card", in: page) == 6)
    #expect(page.contains("cpu_seconds_3 = 0.97, expected 0.21 to 0.55"))
    #expect(page.contains("<details class=\"card missed\" id=\"incident-INC-1009\" open>"))
    #expect(page.contains("Missed: the highest score of forest + LSTM was"))
  }

  @Test func `equal content gives equal bytes, also from a stored result`() throws {
    var content = try Scene.everyday.content()
    let page = HTMLReport(content).render()
    content.evaluation = try EvaluationResult(json: content.evaluation.json())
    #expect(HTMLReport(content).render() == page)
    #expect(page == HTMLReport(try Scene.everyday.content()).render())
  }

  @Test func `every opened tag is closed`() throws {
    var open: [String] = []
    for tag in tags(HTMLReport(try Scene.everyday.content()).render()) {
      let name = tag[0].hasSuffix("/") ? String(tag[0].dropLast()) : tag[0]
      if ["!DOCTYPE", "meta", "br", "path", "stop"].contains(name) { continue }
      if name.hasPrefix("/") {
        #expect(open.popLast() == String(name.dropFirst()))
      } else {
        open.append(name)
      }
    }
    #expect(open.isEmpty)
  }

  @Test func `the figures of the result are on the page`() throws {
    let content = try Scene.everyday.content()
    let page = HTMLReport(content).render()
    let row = try #require(content.evaluation.row(named: "forest + LSTM"))
    #expect(page.contains("<b>\(row.events.found) / 6</b>"))
    #expect(page.contains("<b>\(fixed(row.ranking.averagePrecision, 3))</b>"))
    #expect(occurrences(of: "<td class=\"outcome missed\">", in: page) == row.events.missed)
    #expect(occurrences(of: "<td class=\"outcome found\">", in: page) == row.events.found)
    #expect(occurrences(of: "<td class=\"outcome excluded\">", in: page) == 1)
    #expect(page.contains("1 incident outside the test time not listed."))
    #expect(page.contains("duplicate_timestamp"))
    #expect(page.contains("train time"))
  }

  @Test func `each chart has the bands of its incidents and of the whole system`() throws {
    let page = HTMLReport(try Scene.everyday.content()).render()
    let figures = page.split(separator: "<figure id=", omittingEmptySubsequences: false).dropFirst()
    #expect(figures.count == 6)
    func bands(_ service: String, _ word: String) -> Int {
      figures.filter { $0.contains("<b>\(service)</b>") }
        .reduce(0) { $0 + occurrences(of: "<rect class=\"\(word)\"", in: String($1)) }
    }
    #expect(bands("cart", "untested") == 1)
    #expect(bands("cart", "found") == 2)
    #expect(bands("checkout", "found") == 2)
    #expect(bands("checkout", "missed") == 1)
    #expect(bands("ingress", "excluded") == 1)
    #expect(bands("recommendation", "found") == 1)
  }

  @Test func `services where nothing happened are folded away and counted`() throws {
    var scene = Scene(services: (1...46).map { "service-\($0)" }, cells: 919)
    scene.add("F-1", "service-3", "latency", 600..<606)
    var content = try scene.content()
    content.timelines.append(.init(service: "silent", scores: .init(repeating: .nan, count: 919)))
    let page = HTMLReport(content).render()
    let halves = page.split(separator: "without an incident of its own and without an alarm")
    #expect(halves.count == 2)
    #expect(halves[0].contains("<b>service-3</b>"))
    #expect(halves[1].contains("<b>silent</b>"))
    #expect(halves[1].contains("no scores"))
    #expect(occurrences(of: "<figure id=", in: page) == 47)
  }

  @Test(arguments: [(46, 919), (1, 47_000), (2000, 100)])
  func `a page stays below one and a half megabytes`(services: Int, cells: Int) throws {
    var scene = Scene(services: (1...services).map { "service-\($0)" }, cells: cells)
    for index in 0..<20 {
      let start = cells * 6 / 10 + index * cells / 80
      scene.add("F-\(index)", "service-1", "latency", start..<start + 1)
    }
    let page = HTMLReport(try scene.content()).render()
    #expect(page.utf8.count < 1_500_000)
    #expect(page.contains("service-\(services)") || page.contains("more are not drawn"))
  }

  @Test func `notes are shown as items, and nothing without them`() throws {
    var content = try Scene.everyday.content()
    #expect(!HTMLReport(content).render().contains("Read with care"))
    content.notes = ["Few cells.", "Few incidents."]
    let page = HTMLReport(content).render()
    #expect(page.contains("<h2>Read with care</h2>"))
    #expect(page.contains("<li>Few cells.</li>\n<li>Few incidents.</li>"))
  }

  @Test func `time in alert and what chance would find stand in every row`() throws {
    let content = try Scene.everyday.content()
    let page = HTMLReport(content).render()
    for row in content.evaluation.rows {
      let chance = try #require(row.events.chance).recall * 6
      #expect(page.contains("<td>\(row.events.found) / 6</td><td>\(rounded(chance))</td>"))
      #expect(page.contains("<td>\(percent(row.timeInAlert))</td>"))
    }
    #expect(page.contains("<b>\(percent(content.evaluation.rows[0].timeInAlert))</b>"))
  }

  @Test func `a row says of each other detector whether it found the incident`() throws {
    let content = try Scene.everyday.content()
    let others = content.evaluation.rows.dropFirst()
    let page = HTMLReport(content).render()
    let found = others.reduce(0) { $0 + $1.events.found }
    let missed = others.reduce(0) { $0 + $1.events.missed }
    #expect(occurrences(of: ">✓</td>", in: page) == found)
    #expect(occurrences(of: "<td class=\"v no\">·</td>", in: page) == missed)
  }

  @Test func `few services have their charts first, many their incidents`() throws {
    func places(_ services: Int) throws -> (charts: Int, incidents: Int) {
      var scene = Scene(services: (1...services).map { "service-\($0)" }, cells: 919)
      scene.add("F-1", "service-3", "latency", 600..<606)
      let page = HTMLReport(try scene.content()).render()
      let charts = try #require(page.firstRange(of: "<h2>Scores over time</h2>"))
      let incidents = try #require(page.firstRange(of: "<h2>Incidents</h2>"))
      return (
        page.distance(from: page.startIndex, to: charts.lowerBound),
        page.distance(from: page.startIndex, to: incidents.lowerBound)
      )
    }
    let (few, many) = (try places(4), try places(46))
    #expect(few.charts < few.incidents)
    #expect(many.incidents < many.charts)
  }

  @Test func `of many services those with alarms alone are folded, the loudest first`() throws {
    var scene = Scene(services: (1...46).map { "service-\($0)" }, cells: 919)
    scene.add("F-1", "service-3", "latency", 600..<606)
    let content = try scene.content()
    let page = HTMLReport(content).render()
    let halves = page.split(separator: "with alarms but no incident of their own", maxSplits: 1)
    try #require(halves.count == 2)
    #expect(occurrences(of: "<figure id=", in: String(halves[0])) == 1)
    #expect(halves[0].contains("<b>service-3</b>"))
    let figures = content.evaluation.rows[0].services.filter { $0.service != "service-3" }
    let loudest = try #require(figures.map(\.falseAlarms).max())
    let first = try #require(halves[1].split(separator: "<b>").dropFirst().first)
    #expect(
      figures.contains { first.hasPrefix("\($0.service)<") && $0.falseAlarms == loudest })
  }

  @Test func `a better detector is named in the verdict`() throws {
    var content = try Scene.everyday.content()
    content.primary = "random"
    #expect(HTMLReport(content).render().contains("forest + LSTM ranks better, with 0."))
  }
}
