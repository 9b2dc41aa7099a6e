import LogTemplates
import Storage
import Telemetry
import Testing

/// Lines of a small shop with the number of the template that a person would give them.
private let shop: [(line: String, group: Int)] = [
  ("INFO c.Cart#10 add item apple to cart of ann", 0),
  ("INFO c.Cart#10 add item pear to cart of bob", 0),
  ("INFO c.Cart#10 add item plum to cart of cid", 0),
  ("INFO c.Cart#22 add item plum to cart of cid", 1),
  ("WARN c.Cart#10 add item plum to cart of cid", 2),
  ("INFO payment of 12.50 EUR accepted", 3),
  ("INFO payment of 7 USD accepted", 3),
  ("INFO payment of 9 EUR refused", 3),
  ("INFO payment of 9 EUR refused by bank", 4),
  ("ERROR connection to 10.0.0.7:5432 lost", 5),
  ("ERROR connection to 10.0.0.9:5432 lost", 5),
  ("started", 6),
]
private let shopPatterns = shop.map { LogMask.pattern(of: $0.line) }

@Suite struct TemplateMinerTests {
  @Test func `lines that differ in single words share a template`() {
    var miner = TemplateMiner()
    let ids = shopPatterns.map { miner.add($0) }
    for (a, x) in zip(ids, shop) {
      for (b, y) in zip(ids, shop) {
        #expect((a == b) == (x.group == y.group), "\(x.line) | \(y.line)")
      }
    }
    let texts = miner.dictionary().templates.map(\.text)
    #expect(texts[0] == "INFO c.Cart#10 add item <*> to cart of <*>")
    #expect(texts[5] == "ERROR connection to <*> lost")
  }

  @Test func `matching finds what mining found and learns nothing`() throws {
    var miner = TemplateMiner()
    let ids = shopPatterns.map { miner.add($0) }
    let dictionary = miner.dictionary()
    for (pattern, id) in zip(shopPatterns, ids) {
      let number = try #require(dictionary.match(pattern))
      #expect(dictionary.templates[number].id == id)
    }
    let known = LogMask.pattern(of: "INFO c.Cart#10 add item fig to cart of dan")
    #expect(dictionary.match(known) == 0)
    for line in [
      "INFO c.Cart#11 add item fig to cart of dan", "INFO shutting down", "started twice",
    ] { #expect(dictionary.match(LogMask.pattern(of: line)) == nil) }
    #expect(dictionary == miner.dictionary())
  }

  @Test func `of several templates that fit the most specific one is chosen`() throws {
    var configuration = TemplateMiner.Configuration()
    configuration.similarity = 0.6
    var miner = TemplateMiner(configuration)
    for line in ["a b c d e", "a b x d f", "a b c y e"] {
      miner.add(LogPattern(text: line, level: .info))
    }
    let dictionary = miner.dictionary()
    #expect(dictionary.templates.map(\.text) == ["a b <*> d <*>", "a b c y e"])
    #expect(dictionary.match(LogPattern(text: "a b c y e", level: .info)) == 1)
    #expect(dictionary.match(LogPattern(text: "a b c d e", level: .info)) == 0)
  }

  @Test func `identities are hashes of the first pattern and do not move with the order`() {
    // FNV-1a of "info\nstarted", computed by hand with another implementation.
    let id = TemplateID(of: LogPattern(text: "started", level: .info))
    #expect(id.description == "ed2b83974229b406")
    #expect(TemplateID(id.description) == id)
    let forward = TemplateMiner.mine(shopPatterns).dictionary
    #expect(TemplateMiner.mine(shopPatterns.reversed()).dictionary == forward)
    #expect(TemplateMiner.mine(shopPatterns + shopPatterns).dictionary == forward)
    // A further template leaves the identities of the others alone.
    let more = TemplateMiner.mine(shopPatterns + [LogPattern(text: "aaa new", level: .debug)])
    let before = Set(forward.templates.map(\.id))
    #expect(Set(more.dictionary.templates.map(\.id)).subtracting(before).count == 1)
    #expect(before.isSubset(of: more.dictionary.templates.map(\.id)))
  }

  @Test func `templates beyond the limit are counted, not kept`() {
    var configuration = TemplateMiner.Configuration()
    configuration.templates = 2
    var miner = TemplateMiner(configuration)
    let ids = ["one", "two words", "one", "three more words", "four"].map {
      miner.add(LogPattern(text: $0, level: .info))
    }
    #expect(ids[0] == ids[2] && ids[0] != nil)
    #expect(ids[3] == nil && ids[4] == nil)
    #expect(miner.overflow == 2)
    #expect(miner.dictionary().templates.count == 2)
  }

  @Test func `a node with too many branches shares one`() {
    var configuration = TemplateMiner.Configuration()
    configuration.branches = 3
    var miner = TemplateMiner(configuration)
    for name in ["ann", "bob", "cid", "dan", "eve"] {
      miner.add(LogPattern(text: "\(name) has logged in now", level: .info))
    }
    let texts = miner.dictionary().templates.map(\.text)
    #expect(texts.count == 4)
    #expect(texts.last == "<*> has logged in now")
  }

  @Test func `every mined pattern has a match`() {
    let words = ["get", "put", "cart", "order", "<*>", "x.Y#1", "x.Y#2"]
    var patterns: [LogPattern] = []
    for index in 0..<2000 {
      let picks = [index, index / 7, index / 49, index * 31 / 5].map { words[$0 % words.count] }
      let text = picks.prefix(1 + index % 4).joined(separator: " ")
      patterns.append(LogPattern(text: text, level: LogLevel.allCases[index % 5]))
    }
    var miner = TemplateMiner()
    for pattern in patterns { miner.add(pattern) }
    let dictionary = miner.dictionary()
    #expect(patterns.allSatisfy { dictionary.match($0) != nil })
  }
}

@Suite struct TemplateDictionaryTests {
  @Test func `a dictionary survives a round trip through JSON`() throws {
    let dictionary = TemplateMiner.mine(shopPatterns).dictionary
    let text = dictionary.json.text(indented: true)
    let document = JSONDocument(
      try JSONValue(parsing: Array(text.utf8), source: "templates.json"), source: "templates.json")
    #expect(try TemplateDictionary(document) == dictionary)
  }

  @Test(arguments: [
    (#"{"format":2,"templates":[]}"#, "format"),
    (#"{"format":1}"#, "templates"),
    (#"{"format":1,"templates":[{"id":"0","level":"info","text":"a"}]}"#, "templates[0].id"),
    (
      #"{"format":1,"templates":[{"id":"0000000000000001","level":"loud","text":"a"}]}"#,
      "templates[0].level"
    ),
    (
      #"{"format":1,"templates":[{"id":"0000000000000001","level":"info","text":"a  b"}]}"#,
      "templates[0].text"
    ),
    (
      #"{"format":1,"templates":[{"id":"0000000000000001","level":"info","text":"a"},"#
        + #"{"id":"0000000000000001","level":"info","text":"b"}]}"#,
      "templates[1].id"
    ),
  ])
  func `a damaged dictionary is refused with the place`(_ text: String, _ place: String) throws {
    let document = JSONDocument(
      try JSONValue(parsing: Array(text.utf8), source: "t.json"), source: "t.json")
    let error = #expect(throws: StorageError.self) { try TemplateDictionary(document) }
    #expect(error?.description.contains(place) == true)
  }
}
