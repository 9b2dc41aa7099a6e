import LogTemplates
import Telemetry
import Testing

/// Lines of a small shop with the number of the template that a person would give them.
let shop: [(line: String, group: Int)] = [
  ("INFO c.Cart#10 add item 17 to cart of ann", 0),
  ("INFO c.Cart#10 add item 18 to cart of ann", 0),
  ("INFO c.Cart#22 add item 18 to cart of ann", 1),
  ("WARN c.Cart#10 add item 18 to cart of ann", 2),
  ("INFO payment of 12.50 EUR accepted", 3),
  ("INFO payment of 7 EUR accepted", 3),
  ("INFO payment of 9 EUR refused", 4),
  ("INFO payment of 9 EUR refused by bank", 5),
  ("ERROR connection to 10.0.0.7:5432 lost", 6),
  ("ERROR connection to 10.0.0.9:5432 lost", 6),
  ("started", 7),
]
let shopPatterns = shop.map { LogMask.pattern(of: $0.line) }

/// Patterns of severity `info`.
func patterns(_ texts: String...) -> [LogPattern] {
  texts.map { LogPattern(text: $0, level: .info) }
}

@Suite struct TemplateMinerTests {
  @Test func `lines that differ in values share a template and lines that differ in text do not`() {
    var miner = TemplateMiner()
    let ids = shopPatterns.map { miner.add($0) }
    for (a, x) in zip(ids, shop) {
      for (b, y) in zip(ids, shop) {
        #expect((a == b) == (x.group == y.group), "\(x.line) | \(y.line)")
      }
    }
    let texts = miner.dictionary().templates.map { $0.text }
    #expect(texts[0] == "INFO c.Cart#10 add item <*> to cart of ann")
    #expect(texts[6] == "ERROR connection to <*> lost")
  }

  @Test func `a long sentence may differ in one word of ten`() {
    var miner = TemplateMiner()
    for word in ["first", "second"] {
      miner.add(LogPattern(text: "the \(word) of all these words may be free here", level: .info))
    }
    #expect(
      miner.dictionary().templates.map { $0.text }
        == ["the <*> of all these words may be free here"])
  }

  @Test func `many sentences alike are one sentence with a free word`() throws {
    var miner = TemplateMiner()
    let names = ["ann", "bob", "cid", "dan", "eve", "fay"]
    let ids = names.map {
      miner.add(LogPattern(text: "\($0) has logged in now", level: .info))
    }
    #expect(Set(ids.prefix(5)).count == 5, "up to five may be five messages")
    let dictionary = miner.dictionary()
    #expect(dictionary.templates.map { $0.text } == ["<*> has logged in now"])
    #expect(miner.merged == 4)
    // The oldest identity stays and the others lead to it.
    #expect(dictionary.templates[0].id == ids[0])
    #expect(ids[5] == ids[0])
    #expect(miner.successor(of: try #require(ids[3])) == ids[0])
    #expect(miner.successor(of: try #require(ids[0])) == nil)
  }

  @Test func `of equal keys only the value becomes free`() {
    var miner = TemplateMiner()
    for name in ["ann", "bob", "cid", "dan", "eve", "fay"] {
      miner.add(LogPattern(text: "door opened and closed by=\(name)", level: .info))
    }
    let dictionary = miner.dictionary()
    #expect(dictionary.templates.map { $0.text } == ["door opened and closed by=<*>"])
    #expect(dictionary.match(patterns("door opened and closed by=gil")[0]) == 0)
    #expect(dictionary.match(patterns("door opened and closed for=gil")[0]) == nil)
  }

  @Test func `a line leads to the same template as its pattern`() {
    var byLine = TemplateMiner()
    var byPattern = TemplateMiner()
    for _ in 0..<2 {
      for (line, pattern) in zip(shop.map { Array($0.line.utf8) }, shopPatterns) {
        #expect(byLine.add(line: line.span) == byPattern.add(pattern))
      }
    }
    var ids: [TemplateID?] = []
    let text = Array(shop.map { $0.line }.joined(separator: "\r\n").utf8)
    byLine.add(lines: text.span) { ids.append($0) }
    #expect(ids == shopPatterns.map { byPattern.add($0) })
    #expect(byLine.snapshot == byPattern.snapshot)
  }

  @Test func `a remembered pattern moves to a more specific template that comes later`() {
    var configuration = TemplateMiner.Configuration()
    configuration.similarity = 0.8
    var miner = TemplateMiner(configuration)
    var ids: [TemplateID?] = []
    for line in [
      "a b c d e g", "a b x d e g", "a b q d z g", "a b c d z g", "a b c y z g", "a b c k z g",
      "a b c d z g",
    ] {
      let bytes = Array(line.utf8)
      ids.append(miner.add(line: bytes.span))
    }
    let dictionary = miner.dictionary()
    #expect(dictionary.templates.map { $0.text } == ["a b <*> d <*> g", "a b c <*> z g"])
    #expect(ids[3] == ids[0] && ids[6] == ids[4] && ids[4] != ids[0])
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
    let before = Set(forward.templates.map { $0.id })
    let after = Set(more.dictionary.templates.map { $0.id })
    #expect(after.subtracting(before).count == 1)
    #expect(before.isSubset(of: after))
  }

  @Test func `mining that continues a dictionary keeps its identities`() {
    let first = TemplateMiner.mine(patterns("the word one in ten may well be free here")).dictionary
    var miner = TemplateMiner(continuing: first)
    let id = miner.add(patterns("the word two in ten may well be free here")[0])
    #expect(id == first.templates[0].id)
    #expect(
      miner.dictionary().templates.map { $0.text } == ["the word <*> in ten may well be free here"])
  }

  @Test func `templates beyond the limit push out the least recently used`() {
    var configuration = TemplateMiner.Configuration()
    configuration.templates = 2
    var miner = TemplateMiner(configuration)
    for pattern in patterns("one", "two words", "one", "three more words") { miner.add(pattern) }
    #expect(miner.dictionary().templates.map { $0.text } == ["one", "three more words"])
    #expect(miner.evicted == 1 && miner.founded == 3 && miner.overflow == 0)
    // What comes back is the same as before.
    let id = miner.add(patterns("two words")[0])
    #expect(id == TemplateID(of: patterns("two words")[0]))
  }

  @Test func `an identity that comes back leads to itself again`() throws {
    var configuration = TemplateMiner.Configuration()
    configuration.templates = 2
    configuration.crowd = 1
    var miner = TemplateMiner(configuration)
    let all = patterns("a b c d", "a b c e", "one", "two", "a b c e")
    for pattern in all.prefix(2) { miner.add(pattern) }
    let second = TemplateID(of: all[1])
    #expect(miner.dictionary().templates.map { $0.text } == ["a b c <*>"])
    for pattern in all.suffix(3) { miner.add(pattern) }
    #expect(miner.dictionary().templates.map { $0.id }.contains(second))
    #expect(miner.successor(of: second) == nil)
  }

  @Test func `templates beyond the limit are refused and counted when that is asked for`() {
    var configuration = TemplateMiner.Configuration()
    configuration.templates = 2
    configuration.whenFull = .refuse
    var miner = TemplateMiner(configuration)
    let ids = patterns("one", "two words", "one", "three more words", "four").map { miner.add($0) }
    #expect(ids[0] == ids[2] && ids[0] != nil)
    #expect(ids[3] == nil && ids[4] == nil)
    #expect(miner.overflow == 2 && miner.evicted == 0)
    #expect(miner.dictionary().templates.count == 2)
  }

  @Test func `every mined pattern has a match`() {
    let words = ["get", "put", "cart", "order", "<*>", "x.Y#1", "x.Y#2", "k=a", "k=b", "k=<*>"]
    var patterns: [LogPattern] = []
    for index in 0..<5000 {
      let picks = [index, index / 7, index / 49, index * 31 / 5, index / 3].map {
        words[$0 % words.count]
      }
      let text = picks.prefix(1 + index % 5).joined(separator: " ")
      patterns.append(LogPattern(text: text, level: LogLevel.allCases[index % 5]))
    }
    for (similarity, crowd) in [(0.9, 5), (0.5, 5), (0.9, 1), (0, 1)] {
      var configuration = TemplateMiner.Configuration()
      (configuration.similarity, configuration.crowd) = (similarity, crowd)
      var miner = TemplateMiner(configuration)
      for pattern in patterns { miner.add(pattern) }
      let dictionary = miner.dictionary()
      #expect(patterns.allSatisfy { dictionary.match($0) != nil })
      #expect(Set(dictionary.templates.map { $0.id }).count == dictionary.templates.count)
      #expect(dictionary.templates.count == miner.founded - miner.merged)
    }
  }
}
