import Storage
import Testing

private func match(_ expression: String, _ line: String) throws -> [String: String]? {
  let expression = try LineExpression(expression)
  let bytes = Array("xx\(line)".utf8)[2...]
  guard case .match(let ranges) = expression.match(bytes) else { return nil }
  return expression.groups.compactMapValues { numbers in
    numbers.lazy.compactMap { $0 < ranges.count ? ranges[$0] : nil }.first
      .map { String(decoding: bytes[$0], as: UTF8.self) }
  }
}

@Suite struct LineExpressionTests {
  @Test func `named groups are found within the line`() throws {
    #expect(
      try match(#"\[(?<time>[^]]+)\] (?<level>\w+): (?<message>.*)"#, "[10:00] warn: disk é full")
        == ["time": "10:00", "level": "warn", "message": "disk é full"])
  }

  @Test func `a match begins at the line's beginning`() throws {
    #expect(try match("(?<a>b+)", "abb") == nil)
    #expect(try match("(?<a>b+)", "bba") == ["a": "bb"])
  }

  @Test func `alternatives may use a name again`() throws {
    let expression = #"(?<day>\d+)-(?<month>[a-z]+)|(?<month>[a-z]+)-(?<day>\d+)"#
    #expect(try match(expression, "12-may") == ["day": "12", "month": "may"])
    #expect(try match(expression, "may-12") == ["day": "12", "month": "may"])
  }

  @Test func `a group without a part in the match has no range`() throws {
    #expect(try match("(?<a>x)?(?<b>y)", "y") == ["b": "y"])
    #expect(try match("(?<b>y)(?<a>x)?", "y") == ["b": "y"])
    #expect(try match("(?<a>.*)", "") == ["a": ""])
  }

  @Test func `characters are matched, not bytes`() throws {
    #expect(try match("(?<a>..)z", "éüz") == ["a": "éü"])
    let expression = try LineExpression(".*")
    #expect(expression.match([0x61, 0xFF]) == .noMatch)
  }

  @Test(arguments: [
    ("(?<time>x", "missing closing parenthesis at character 10"), ("é(?<1>x)", "at character 5"),
    ("a**+*", "character"), ("(?<a>\\C)", "\\C"), ("[z-a]", "range out of order"),
    ("(a{1000}){65000}", "too large"),
  ])
  func `a text that is no expression is refused with the place`(_ text: String, _ part: String) {
    let failure = #expect(throws: LineExpression.Failure.self) { try LineExpression(text) }
    #expect(failure?.description.contains(part) == true, "\(String(describing: failure))")
  }

  /// Compiled to machine code, and interpreted.
  @Test(arguments: ["", "(*NO_JIT)"], ["(a+)+$", "(a|aa)+$", #"(\w+\s?)+$"#])
  func `a line that would take for ever is given up`(_ option: String, _ text: String) throws {
    let expression = try LineExpression(option + text)
    let line = [UInt8](repeating: 0x61, count: 5000) + [0x21]
    #expect(expression.match(line[...]) == .tooHard)
    #expect(
      expression.match(Array("aa".utf8)[...])
        == .match([0..<2, text.contains("|") ? 1..<2 : 0..<2]))
  }

  @Test(arguments: ["", "(*NO_JIT)"])
  func `deep recursion is given up`(_ option: String) throws {
    let expression = try LineExpression(option + #"(\((?1)*\))"#)
    let line = [UInt8](repeating: 0x28, count: 16_000)
    let outcome = expression.match(line[...])
    #expect(outcome == .tooHard || outcome == .noMatch)
    #expect(expression.match(Array("(())".utf8)[...]) == .match([0..<4, 0..<4]))
  }

  @Test func `of a long line the beginning is seen, in whole characters`() throws {
    let expression = try LineExpression("(?<a>.*)")
    let line = Array(("x" + String(repeating: "é", count: 20_000)).utf8)
    let seen = LineExpression.seen(of: line[...])
    #expect(seen.count == LineExpression.lineLimit - 1)
    #expect(expression.match(line[...]) == .match([0..<seen.count, 0..<seen.count]))
  }
}
