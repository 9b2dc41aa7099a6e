import Testing

/// The tags of a page in order, each with the names of its attributes: all that markup can do.
///
/// Reads quotes as a browser does, so that text which breaks out of an attribute shows.
func tags(_ page: String) -> [[String]] {
  var result: [[String]] = []
  var rest = Array(page.unicodeScalars)[...]
  func isNameEnd(_ scalar: Unicode.Scalar) -> Bool { " \n/>=".unicodeScalars.contains(scalar) }
  while let open = rest.firstIndex(of: "<") {
    rest = rest[(open + 1)...]
    let name = String(String.UnicodeScalarView(rest.prefix { $0 != ">" && $0 != " " }))
    rest = rest.dropFirst(name.unicodeScalars.count)
    var parts = [name]
    while let next = rest.first, next != ">" {
      if next == "\"" || next == "'" {
        guard let close = rest.dropFirst().firstIndex(of: next) else { return result }
        rest = rest[(close + 1)...]
      } else if isNameEnd(next) {
        rest = rest.dropFirst()
      } else {
        let attribute = rest.prefix { !isNameEnd($0) && $0 != "\"" }
        parts.append(String(String.UnicodeScalarView(attribute)))
        rest = rest[attribute.endIndex...]
      }
    }
    result.append(parts)
    // What a script holds is no markup up to its end.
    if name == "script" {
      let end = Array("</script".unicodeScalars)
      guard
        let close = rest.indices.first(where: { rest[$0...].prefix(end.count).elementsEqual(end) })
      else { return result }
      rest = rest[close...]
    }
  }
  return result
}

/// How often a part occurs in a text.
func occurrences(of part: String, in text: String) -> Int {
  text.split(separator: part, omittingEmptySubsequences: false).count - 1
}

@Suite struct MarkupTests {
  @Test func `the reader of tags notices an injected tag and an injected attribute`() {
    #expect(tags("<p class=\"a\">x</p>") == [["p", "class"], ["/p"]])
    #expect(tags("<p class=\"a\"><b>x</b></p>").count == 4)
    #expect(tags("<p class=\"a\" onload=\"x\">x</p>")[0] == ["p", "class", "onload"])
  }
}
