import LogTemplates
import Telemetry
import Testing

@Suite struct TemplateMatcherTests {
  @Test func `serving finds the dictionary's templates and counts what is unknown`() {
    let dictionary = TemplateMiner.mine(shopPatterns).dictionary
    var matcher = TemplateMatcher(dictionary)
    #expect(matcher.unknownRate.isNaN)
    for _ in 0..<2 {
      for (line, pattern) in zip(shop.map { Array($0.line.utf8) }, shopPatterns) {
        #expect(matcher.match(line: line.span) == dictionary.match(pattern))
      }
      let strange = Array("INFO something else".utf8)
      #expect(matcher.match(line: strange.span) == nil)
    }
    #expect(matcher.lines == 2 * (shop.count + 1) && matcher.unknown == 2)
    #expect(matcher.unknownRate == 1 / Double(shop.count + 1))
  }

  @Test func `a stream's severity leads to the template of that severity`() {
    let dictionary = TemplateMiner.mine([
      LogPattern(text: "up", level: .info), LogPattern(text: "up", level: .error),
    ]).dictionary
    var matcher = TemplateMatcher(dictionary)
    let line = Array("up".utf8)
    #expect(matcher.match(line: line.span, fallback: .info) == 0)
    #expect(matcher.match(line: line.span, fallback: .error) == 1)
    #expect(matcher.match(line: line.span) == nil)
  }
}

@Suite struct LogPatternTableTests {
  @Test func `patterns are numbered in the order of their appearance up to a limit`() {
    var table = LogPatternTable(limit: 2)
    let numbers = ["a 1", "b 1", "a 2", "c 1", "b 7"].map { line in
      let bytes = Array(line.utf8)
      return table.number(of: bytes.span, fallback: .info)
    }
    #expect(numbers == [0, 1, 0, nil, 1])
    #expect(table.patterns == patterns("a <*>", "b <*>") && table.overflow == 1)
  }
}

@Suite struct LogParameterTests {
  @Test func `what a template leaves open is taken from the line`() throws {
    var configuration = TemplateMiner.Configuration()
    configuration.rules = try LogMaskRules(named: [.init(name: "order", expression: "ORD-[A-Z]+")])
    var miner = TemplateMiner(configuration)
    let first = Array("INFO moved ORD-AB to shelf=left by 10.0.0.1:80 in 5 ms".utf8)
    for shelf in ["left", "right", "top", "low", "back", "front"] {
      let line = Array("INFO moved ORD-AB to shelf=\(shelf) by 10.0.0.1:80 in 5 ms".utf8)
      miner.add(line: line.span)
    }
    let dictionary = miner.dictionary()
    #expect(
      dictionary.templates.map { $0.text } == ["INFO moved <order> to shelf=<*> by <*> in <*>"])
    let (template, values) = try #require(dictionary.parameters(of: first))
    #expect(template == 0)
    #expect(values.map { $0.text } == ["ORD-AB", "left", "10.0.0.1:80", "5 ms"])
    #expect(values.map { $0.name } == ["order", nil, nil, nil])
    #expect(values.map { $0.word } == [2, 4, 6, 8])
  }

  @Test(arguments: [
    ("from 1, 2, 3 to \"x y\"", ["1, 2, 3", "x y"]),
    ("see /api/v1/users/12/a", ["v1", "12"]),
    ("12:00:00 \u{1B}[1mtook\u{1B}[0m 3s", ["3s"]),
    (#"{"msg":"user 5 left","n":7}"#, ["5"]),
    ("at UserController#48", []), ("ids=[]", [""]), ("", [""]),
  ])
  func `values are the text that was masked`(_ line: String, _ values: [String]) throws {
    var miner = TemplateMiner()
    let bytes = Array(line.utf8)
    miner.add(line: bytes.span)
    let found = try #require(miner.dictionary().parameters(of: bytes))
    #expect(found.values.map { $0.text } == values)
  }

  @Test func `a free word that was not masked is a value too`() throws {
    var miner = TemplateMiner()
    let names = ["ann", "bob", "cid", "dan", "eve", "fay"]
    for name in names { miner.add(LogMask.pattern(of: "\(name) has logged in now")) }
    let found = try #require(
      miner.dictionary().parameters(of: Array("gil-x.y has logged in now".utf8)))
    #expect(found.values.map { $0.text } == ["gil-x.y"])
    #expect(miner.dictionary().parameters(of: Array("gil has logged out".utf8)) == nil)
  }
}
