import LogTemplates
import Storage
import Telemetry
import Testing

@Suite struct LogMaskRulesTests {
  private func mask(_ line: String, _ rules: (String, String)...) throws -> String {
    let named = rules.map { LogMaskRules.Named(name: $0.0, expression: $0.1) }
    return LogMask.pattern(of: line, rules: try LogMaskRules(named: named)).text
  }

  @Test(arguments: [
    ("ORD-[A-Z]+", "got ORD-AB, ORD-x and xORD-AB", "got <v>, ORD-x and xORD-AB"),
    (#"\d+(\.\d+)?%"#, "at 5% or 1.5%", "at <v> or <v>"),
    (#"[^a-y=]+"#, "k=zz k=za", "k=<v> k=za"),
    ("(foo|bar){2}", "foobar foo barfoobar", "<v> foo barfoobar"),
    ("a{2,3}", "a aa aaa aaaa", "a <v> <v> aaaa"),
    ("a{2,}b?", "a aab aaaa", "a <v> <v>"),
    (#"\[\w+\]"#, "in [main] x", "in <v> x"),
    ("é+", "é éé x", "<v> <v> x"),
    ("p.*q", "pxq p-q-r p-q", "<v> p-q-r <v>"),
  ])
  func `a named rule masks whole words that it matches`(
    _ expression: String, _ line: String, _ text: String
  ) throws {
    #expect(try mask(line, ("v", expression)) == text)
  }

  @Test func `the longest match wins and of equally long ones the first rule`() throws {
    #expect(try mask("abc ab", ("one", "ab"), ("two", "abc"), ("three", "a.")) == "<two> <one>")
  }

  @Test func `named rules come before built-in ones and call sites`() throws {
    #expect(try mask("run A.B#7 of 17", ("site", "A.B#7"), ("n", #"\d+"#)) == "run <site> of <n>")
  }

  @Test(arguments: [
    ("v", "a(b", "'(' without ')'"), ("v", "a)b", "')' without '('"), ("v", "[ab", "'[' without"),
    ("v", "a**", "second repetition"), ("v", "*a", "stand for itself"),
    ("v", "a{3,2}", "malformed"),
    ("v", "a{999}", "up to 255"), ("v", "^a", "anchors"), ("v", "(?=a)", "look-around"),
    ("v", "a b", "blanks"), ("v", "a<", "blanks, '<' or '>'"), ("v", #"\q"#, "unknown escape"),
    ("v", "a*", "empty text"), ("v", "", "empty text"), ("v", "a\\", "nothing after"),
    ("v", "[b-a]", "malformed range"), ("v7", "a", "1 to 32 letters"), ("", "a", "1 to 32 letters"),
    ("v", "((a{255}){255}){255}", "too large"), ("v", "(a|b)*a(a|b){14}", "too large"),
    ("v", String(repeating: "(", count: 99), "too deep"),
  ])
  func `a rule that cannot be used is refused with its name and the reason`(
    _ name: String, _ expression: String, _ reason: String
  ) throws {
    let error = #expect(throws: LogTemplateError.self) { try mask("x", (name, expression)) }
    let text = try #require(error?.description)
    #expect(text.hasPrefix("log mask '\(name)': ") && text.contains(reason), "\(text)")
    #expect(!text.contains("\n"))
  }

  @Test func `two rules of one name are refused`() {
    #expect(throws: LogTemplateError.self) { try mask("x", ("v", "a"), ("v", "b")) }
  }

  @Test(arguments: [
    (LogMaskRules.BuiltIn.head, "a 12:00:00 b"), (.numbers, "at 12 b7 /x/9"),
    (.quotes, "say \"hello\""), (.calendar, "on Mon, Jan x"),
    (.identifiers, "key deadbeefdeadbeef"), (.units, "for 12 ms"), (.names, "rhost=example.org"),
  ])
  func `a built-in kind that is switched off leaves its values alone`(
    _ kind: LogMaskRules.BuiltIn, _ line: String
  ) {
    let without = LogMask.pattern(of: line, rules: LogMaskRules(builtIn: .all.subtracting(kind)))
    let with = LogMask.pattern(of: line)
    #expect(kind == .head || with != without)
    #expect(LogMask.pattern(of: line, rules: LogMaskRules(builtIn: [])).text == line)
  }

  @Test func `an address is a value without the kind of names too`() {
    let rules = LogMaskRules(builtIn: .all.subtracting(.names))
    #expect(LogMask.pattern(of: "rhost=10.0.0.1", rules: rules).text == "rhost=<*>")
  }

  @Test func `a long name for a short value fits`() throws {
    let name = String(repeating: "n", count: 32)
    #expect(try mask("b", (name, "b")) == "<\(name)>")
  }

  @Test func `without masking the head stays`() {
    let line = "2023-01-29 08:41:10 up"
    #expect(LogMask.pattern(of: line).text == "up")
    #expect(
      LogMask.pattern(of: line, rules: LogMaskRules(builtIn: .all.subtracting(.head))).text
        == "<*> up")
  }

  @Test func `rules survive a round trip through JSON`() throws {
    let rules = try LogMaskRules(
      builtIn: [.numbers, .units], named: [.init(name: "order", expression: #"ORD-\d+"#)])
    #expect(try LogMaskRules(reread(rules.json)) == rules)
    #expect(try LogMaskRules(reread([:])) == LogMaskRules())
  }
}
