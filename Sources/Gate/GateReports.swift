internal import Report
internal import Storage

extension GateResult {
  /// For people: a line a check, the worst first, then the verdict.
  public func text() -> String {
    let width = findings.map(\.check.count).max() ?? 0
    let lines = ordered.map { finding in
      printable("\(finding.outcome.mark) \(finding.check.padded(to: width))  \(finding.text)")
    }
    return """
      candidate \(printable(candidate))
      baseline  \(baseline.map { printable($0) } ?? "none: only the candidate's own figures count")

      \(lines.joined(separator: "\n"))

      \(sentence)

      """
  }

  /// For a pull request.
  public func markdown() -> String {
    let rows = ordered.map { finding in
      "| \(finding.outcome.mark) \(finding.outcome.rawValue) | \(cell(finding.check)) | "
        + "\(cell(finding.text)) |"
    }
    return """
      ### Model gate: \(sentence)

      \(cell(candidate)) beside \(cell(baseline ?? "nothing"))

      | outcome | check | figures |
      | --- | --- | --- |
      \(rows.joined(separator: "\n"))

      """
  }

  /// For continuous integration: a test case a check.
  public func junit() -> String {
    let failures = findings.count { $0.outcome != .passed && $0.outcome != .inconclusive }
    let skipped = findings.count { $0.outcome == .inconclusive }
    let cases = findings.map { finding -> String in
      let name = "<testcase classname=\"gate\" name=\"\(xml(finding.check))\">"
      switch finding.outcome {
      case .passed: return "\(name)<system-out>\(xml(finding.text))</system-out></testcase>"
      case .inconclusive: return "\(name)<skipped message=\"\(xml(finding.text))\"/></testcase>"
      case .regression, .invalid, .integrity:
        return
          "\(name)<failure type=\"\(finding.outcome.rawValue)\" message=\"\(xml(finding.text))\"/></testcase>"
      }
    }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuite name="autopilot gate" tests="\(findings.count)" failures="\(failures)" skipped="\(skipped)">
      \(cases.joined(separator: "\n"))
      </testsuite>

      """
  }

  /// For GitHub Actions: an annotation for each check that did not pass.
  public func annotations() -> String {
    ordered.filter { $0.outcome != .passed }.map { finding in
      let level = finding.outcome == .inconclusive ? "warning" : "error"
      return "::\(level) title=\(workflow("gate: " + finding.check, isProperty: true))::"
        + "\(workflow(finding.text, isProperty: false))\n"
    }.joined()
  }

  /// The verdict in words.
  public var sentence: String {
    switch outcome {
    case .passed: "passed"
    case .inconclusive: "inconclusive: the data does not show that the candidate is as good"
    case .regression: "regression: the candidate is worse than allowed"
    case .invalid: "invalid: the data does not allow a comparison"
    case .integrity: "integrity: the candidate is not what it says it is"
    }
  }

  private var ordered: [GateFinding] {
    findings.enumerated().sorted {
      ($1.element.outcome, $0.offset) < ($0.element.outcome, $1.offset)
    }.map(\.element)
  }

  private func cell(_ text: String) -> String { escapedForMarkdown(text) }

  private func xml(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default:
        // XML 1.0 has no way to write other control characters.
        let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
        result.unicodeScalars.append(
          isControl || (0xFFFE...0xFFFF).contains(scalar.value) ? "\u{FFFD}" : scalar)
      }
    }
    return result
  }

  /// Text as workflow commands want it, so that data cannot become a command.
  private func workflow(_ text: String, isProperty: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      case ":" where isProperty: result += "%3A"
      case "," where isProperty: result += "%2C"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension GateOutcome {
  fileprivate var mark: String {
    switch self {
    case .passed: "✓"
    case .inconclusive: "?"
    case .regression, .invalid, .integrity: "✗"
    }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
