import Evaluation
import Report
import Testing

@Suite struct MarkdownReportTests {
  @Test func `the verdict comes first, missed incidents before found ones`() throws {
    let text = MarkdownReport(try Scene.everyday.content()).render()
    #expect(text.hasPrefix("# checkout platform\n\n**forest"))
    let lines = text.split(separator: "\n").filter { $0.hasPrefix("| ✓") || $0.hasPrefix("| ✗") }
    #expect(lines.count == 6)
    let firstFound = try #require(lines.firstIndex { $0.hasPrefix("| ✓") })
    #expect(lines[firstFound...].allSatisfy { $0.hasPrefix("| ✓") })
    #expect(text.contains("Drift: 1 of 2 metrics changed much"))
  }

  @Test(arguments: ["<b>x</b>", "[a](http://x)", "![a](b)", "a|b", "`x`", "*x*", "_x_"])
  func `no text from data becomes markup`(text: String) throws {
    var content = try Scene.everyday.content(title: text)
    content.notes = [text]
    let rendered = MarkdownReport(content).render()
    #expect(!rendered.contains(text))
    let plain = MarkdownReport(try Scene.everyday.content(title: "x")).render()
    #expect(
      rendered.split(separator: "\n").count { $0.hasPrefix("|") }
        == plain.split(separator: "\n").count { $0.hasPrefix("|") })
  }

  @Test func `nobody is mentioned`() throws {
    let rendered = MarkdownReport(try Scene.everyday.content(title: "@everyone")).render()
    #expect(!rendered.contains("@everyone"))
  }
}
