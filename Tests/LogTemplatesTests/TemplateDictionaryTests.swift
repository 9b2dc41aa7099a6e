import LogTemplates
import Storage
import Telemetry
import Testing

/// A document as it is after a trip through text.
func reread(_ value: JSONValue) throws -> JSONDocument {
  JSONDocument(
    try JSONValue(parsing: Array(value.text(indented: true).utf8), source: "t.json"),
    source: "t.json")
}

@Suite struct TemplateDictionaryTests {
  @Test func `matching finds what mining found and learns nothing`() throws {
    var miner = TemplateMiner()
    let ids = shopPatterns.map { miner.add($0) }
    let dictionary = miner.dictionary()
    for (pattern, id) in zip(shopPatterns, ids) {
      let number = try #require(dictionary.match(pattern))
      #expect(dictionary.templates[number].id == id)
    }
    let known = LogMask.pattern(of: "INFO c.Cart#10 add item 99 to cart of ann")
    #expect(dictionary.match(known) == 0)
    for line in [
      "INFO c.Cart#11 add item 99 to cart of ann", "INFO shutting down", "started twice",
    ] { #expect(dictionary.match(LogMask.pattern(of: line)) == nil) }
    #expect(dictionary == miner.dictionary())
  }

  @Test func `of several templates that fit the most specific one is chosen`() {
    var configuration = TemplateMiner.Configuration()
    configuration.similarity = 0.8
    var miner = TemplateMiner(configuration)
    for pattern in patterns(
      "a b c d e g", "a b x d e g", "a b q d z g", "a b c y z g", "a b c k z g")
    { miner.add(pattern) }
    let dictionary = miner.dictionary()
    #expect(dictionary.templates.map { $0.text } == ["a b <*> d <*> g", "a b c <*> z g"])
    #expect(dictionary.match(patterns("a b c d z g")[0]) == 1)
    #expect(dictionary.match(patterns("a b v d z g")[0]) == 0)
  }

  @Test func `a dictionary survives a round trip through JSON`() throws {
    var configuration = TemplateMiner.Configuration()
    configuration.rules = try LogMaskRules(
      builtIn: [.numbers, .quotes], named: [.init(name: "order", expression: "ORD-[A-Z]+")])
    let dictionary = TemplateMiner.mine(shopPatterns, configuration: configuration).dictionary
    #expect(try TemplateDictionary(reread(dictionary.json)) == dictionary)
  }

  @Test func `a dictionary without rules was made with the built-in ones`() throws {
    let document = try reread(#"{"format":1,"templates":[]}"#.parsed)
    #expect(try TemplateDictionary(document).rules == LogMaskRules())
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
    (#"{"format":1,"rules":{"built_in":["colour"]},"templates":[]}"#, "rules.built_in[0]"),
  ])
  func `a damaged dictionary is refused with the place`(_ text: String, _ place: String) throws {
    let error = #expect(throws: StorageError.self) {
      try TemplateDictionary(JSONDocument(try text.parsed, source: "t.json"))
    }
    #expect(error?.description.contains(place) == true)
  }
}

extension String {
  /// The JSON that the text holds.
  var parsed: JSONValue { get throws { try JSONValue(parsing: Array(utf8), source: "t.json") } }
}
