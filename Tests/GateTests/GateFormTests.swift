import Foundation
import Gate
import Pipeline
import Storage
import Testing

@Suite struct GateFormTests {
  private let result = GateResult(
    candidate: "r/shop@2", baseline: "r/shop@1",
    findings: [
      GateFinding("incidents", .passed, "16 in the common test time", candidate: 16),
      GateFinding(
        "slice service=a|b<c>", .regression, "lost INC-1, 100%\n::error::x", candidate: 1),
      GateFinding("tolerance recall", .inconclusive, "may be \"luck\" & more"),
    ])

  @Test func `the worst check decides and comes first`() {
    #expect(result.outcome == .regression)
    let text = result.text()
    let lines = text.split(separator: "\n").filter { "✓?✗".contains($0.first ?? " ") }
    #expect(lines.map { $0.first } == ["✗", "?", "✓"])
    #expect(text.contains("regression: the candidate is worse than allowed"))
  }

  @Test func `JUnit XML is well-formed, whatever names hold`() throws {
    let parsed = try XMLShape(result.junit())
    #expect(parsed.count(of: "testcase") == 3)
    #expect(parsed.count(of: "failure") == 1)
    #expect(parsed.count(of: "skipped") == 1)
  }

  @Test func `annotations cannot be forged by names`() {
    let lines = result.annotations().split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("::error title=gate%3A slice service=a|b<c>::"))
    #expect(lines[0].contains("100%25%0A::error::x"))
  }

  @Test func `Markdown rows stay rows`() {
    let rows = result.markdown().split(separator: "\n").filter { $0.hasPrefix("| ") }
    #expect(rows.count == 5)
    #expect(rows.allSatisfy { !$0.contains("<c>") })
  }

  @Test func `a policy reads its keys and names the line of one it does not know`() throws {
    func read(_ text: String) throws -> GatePolicy {
      try GatePolicy(ConfigurationNode(parsing: text, file: "gate.yaml", environment: [:]))
    }
    let policy = try read(
      """
      minimum_incidents: 3
      floors: {recall: 0.6, median_delay: 10m}
      tolerances: {vus_pr: 0.02}
      slices: {by: [kind], minimum_incidents: 2, lost: 1}
      budgets: {artifact_size: 5MiB, microseconds_per_row: 200}
      drift: {psi: 0.3, share: 0.5}
      golden_sample: false
      """)
    #expect(policy.floors == [.recall: 0.6, .medianDelay: 600])
    #expect(policy.tolerances == [.vusPrecisionRecall: 0.02])
    #expect(policy.slices?.dimensions == ["kind"])
    #expect(policy.artifactBytes == 5 << 20)
    #expect(policy.drift?.stabilityIndex == 0.3)
    #expect(!policy.needsGoldenSample)
    for (text, line) in [
      ("floors: {}\nfloor: {recall: 1}", ":2"), ("tolerances: {median_delay: 1m}", ":1"),
    ] {
      do {
        _ = try read(text)
        Issue.record("read \(text)")
      } catch {
        #expect("\(error)".contains("gate.yaml\(line)"), "\(error)")
      }
    }
  }
}

/// The elements of an XML document.
private final class XMLShape {
  private var names: [String: Int] = [:]

  /// Counts elements by a scanner of its own; throws where tags do not match.
  init(_ text: String) throws {
    var open: [String] = []
    var rest = Substring(text)
    while let start = rest.firstIndex(of: "<") {
      let end = try #require(rest[start...].firstIndex(of: ">"))
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasPrefix("?") { continue }
      if tag.hasPrefix("/") {
        #expect(open.popLast() == String(tag.dropFirst()))
        continue
      }
      let name = String(tag.prefix { $0 != " " && $0 != "/" })
      names[name, default: 0] += 1
      #expect(tag.filter { $0 == "\"" }.count % 2 == 0)
      if !tag.hasSuffix("/") { open.append(name) }
    }
    #expect(open.isEmpty)
  }

  func count(of name: String) -> Int { names[name] ?? 0 }
}
