import LogTemplates
import Storage
import Telemetry
import Testing

@Suite struct TemplateSnapshotTests {
  /// Lines that found, generalise, merge and push out templates.
  private func lines(_ range: Range<Int>) -> [[UInt8]] {
    let verbs = ["opened", "closed", "moved", "seen", "lost", "sold", "sent"]
    return range.map { index in
      let tail = String(repeating: " again", count: index / 40 % 5)
      return Array("INFO thing was \(verbs[index % 7]) in hall \(index)\(tail)".utf8)
    }
  }

  private var small: TemplateMiner {
    var configuration = TemplateMiner.Configuration()
    configuration.templates = 6
    return TemplateMiner(configuration)
  }

  @Test func `a restored miner goes on byte for byte`() throws {
    for cut in [0, 1, 10, 57, 200] {
      var miner = small
      for line in lines(0..<cut) { miner.add(line: line.span) }
      var restored = try TemplateMiner(snapshot: reread(miner.snapshot))
      #expect(restored.snapshot.text() == miner.snapshot.text())
      for line in lines(cut..<400) {
        #expect(restored.add(line: line.span) == miner.add(line: line.span))
      }
      #expect(restored.snapshot.text() == miner.snapshot.text())
      #expect(miner.evicted > 0 && miner.merged > 0, "the test must reach these paths")
    }
  }

  @Test func `an older snapshot is still read`() throws {
    let text = """
      {"format":1,"configuration":{"templates":9,"rules":{"named":[]}},
       "counters":{"lines":3,"founded":2,"evicted":1,"merged":0,"overflow":0,"next":2},
       "templates":[{"id":"ed2b83974229b406","level":"info","text":"started","founded":1,
       "lines":2,"last_use":3}],
       "successions":[{"from":"0000000000000001","to":"ed2b83974229b406"}]}
      """
    var miner = try TemplateMiner(snapshot: JSONDocument(text.parsed, source: "t.json"))
    let started = Array("started".utf8)
    #expect(miner.add(line: started.span, fallback: .info)?.description == "ed2b83974229b406")
    let old = try #require(TemplateID("0000000000000001"))
    #expect(miner.successor(of: old)?.description == "ed2b83974229b406")
    #expect(miner.lines == 4 && miner.founded == 2 && miner.evicted == 1)
  }

  @Test(arguments: [
    ("format", "2", "format"),
    ("configuration", #"{"similarity":1.5}"#, "configuration"),
    ("configuration", #"{"templates":1000000}"#, "configuration"),
    ("configuration", #"{"when_full":"explode"}"#, "when_full"),
    ("configuration", #"{"templates":1}"#, "templates"),
    ("counters", #"{"lines":-1}"#, "counters.lines"),
    ("counters", "{}", "counters"),
    ("templates", #"[{"id":"x"}]"#, "templates[0].id"),
    ("successions", #"[{"from":"x","to":"y"}]"#, "successions[0].from"),
  ])
  func `a damaged snapshot is refused with the place`(
    _ key: String, _ value: String, _ place: String
  ) throws {
    var miner = small
    for line in lines(0..<4) { miner.add(line: line.span) }
    guard case .object(var members) = miner.snapshot else { return }
    members[key] = try value.parsed
    let error = #expect(throws: StorageError.self) {
      try TemplateMiner(snapshot: JSONDocument(.object(members), source: "t.json"))
    }
    #expect(error?.description.contains(place) == true, "\(String(describing: error))")
  }

  @Test(arguments: ["id", "founded"])
  func `a snapshot with the same thing twice is refused`(_ key: String) throws {
    var miner = small
    for line in lines(0..<4) { miner.add(line: line.span) }
    guard case .object(var members) = miner.snapshot,
      case .array(var templates)? = members["templates"],
      case .object(let first) = templates[0], case .object(var second) = templates[1]
    else {
      Issue.record("the snapshot has no two templates")
      return
    }
    second[key] = first[key]
    templates[1] = .object(second)
    members["templates"] = .array(templates)
    let error = #expect(throws: StorageError.self) {
      try TemplateMiner(snapshot: JSONDocument(.object(members), source: "t.json"))
    }
    #expect(error?.description.contains("templates[1].\(key)") == true)
  }
}
