internal import ArgumentParser
internal import Pipeline
internal import Report
internal import Storage
internal import Telemetry
internal import Verdicts

struct VerdictsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verdicts", abstract: "What operators said about alerts.",
    subcommands: [ListVerdictsCommand.self, ReviewVerdictsCommand.self])
}

struct ListVerdictsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List verdicts that nobody has reviewed yet.")

  @Argument(help: "The file of verdicts, such as verdicts.jsonl.")
  var file: String

  @Flag(help: "List reviewed ones too.")
  var all = false

  @Option(help: "Form of the result: text or json.")
  var output: OutputFormat = .text

  func run() throws {
    let verdicts = try VerdictFile(reading: file)
    let review = try VerdictReview(of: file)
    let shown = verdicts.verdicts.filter { all || review.decisions[$0.id] == nil }
    warn(of: verdicts.defects, in: file)
    if output == .json {
      writeOutput(
        JSONValue.array(
          shown.map { verdict in
            [
              "id": .string(verdict.id), "content": verdict.json(),
              "decision": review.decisions[verdict.id].map { .string($0.rawValue) } ?? .null,
            ]
          }
        ).text(indented: true))
      return
    }
    var table = TerminalTable([
      ("VERDICT", .leftWhole), ("WHAT", .leftWhole), ("SERVICE", .left), ("START", .leftWhole),
      ("LASTED", .right), ("BY", .left), ("NOTE", .left), ("REVIEWED", .leftWhole),
    ])
    for verdict in shown { table.add(row(verdict, review)) }
    writeOutput(shown.isEmpty ? "no verdict waits for review\n" : table.text(width: 140))
  }

  private func row(_ verdict: Verdict, _ review: VerdictReview) -> [String] {
    [
      verdict.id, verdict.judgement.rawValue, verdict.service, minute(verdict.start),
      duration(verdict.end - verdict.start), verdict.by, verdict.note,
      review.decisions[verdict.id]?.rawValue ?? "",
    ]
  }
}

struct ReviewVerdictsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review",
    abstract: "Turn verdicts into labels.",
    discussion: """
      Accepted verdicts of real incidents are added to --incidents, those of expected events to \
      --excluded; an accepted false alarm needs no label, for quiet time is what is not labelled. \
      Without --accept, --reject or --accept-all each verdict is asked about on the terminal.
      """)

  @Argument(help: "The file of verdicts, such as verdicts.jsonl.")
  var file: String

  @Option(help: ArgumentHelp("The incidents file to add to.", valueName: "file"))
  var incidents: String

  @Option(help: ArgumentHelp("The file of excluded incidents to add to.", valueName: "file"))
  var excluded: String?

  @Option(help: ArgumentHelp("A verdict to accept; may be repeated.", valueName: "id"))
  var accept: [String] = []

  @Option(help: ArgumentHelp("A verdict to reject; may be repeated.", valueName: "id"))
  var reject: [String] = []

  @Flag(help: "Accept all that wait.")
  var acceptAll = false

  func run() throws {
    let verdicts = try VerdictFile(reading: file)
    let review = try VerdictReview(of: file)
    warn(of: verdicts.defects, in: file)
    let waiting = verdicts.verdicts.filter { review.decisions[$0.id] == nil }
    let ids = Set(waiting.map(\.id))
    for id in accept + reject where !ids.contains(id) {
      throw ValidationError(
        "No verdict '\(id)' waits for review\(guess(id, among: ids.sorted())).")
    }
    if let twice = accept.first(where: { reject.contains($0) }) {
      throw ValidationError("'\(twice)' is both accepted and rejected.")
    }
    let asks = !acceptAll && accept.isEmpty && reject.isEmpty
    if excluded == nil, asks, let first = waiting.first(where: { $0.judgement == .expected }) {
      throw ValidationError(
        "\(first.id) says that the alert was expected; give --excluded FILE for such times.")
    }
    // Nobody is kept waiting by somebody who thinks about an answer.
    let decided = asks ? ask(about: waiting) : decisions(waiting)
    let files = [file + VerdictReview.suffix, incidents] + [excluded].compactMap { $0 }
    try ReviewLock.holding(files) { try apply(decided, to: waiting) }
  }

  /// Writes labels and decisions; nobody else does meanwhile.
  private func apply(
    _ decided: [String: VerdictReview.Decision], to waiting: [Verdict]
  ) throws {
    // Somebody else may have decided meanwhile, and was first.
    var review = try VerdictReview(of: file)
    let known = review.decisions
    let mine = decided.filter { known[$0.key] == nil }
    let accepted = waiting.filter { mine[$0.id] == .accepted }
    if excluded == nil, let first = accepted.first(where: { $0.judgement == .expected }) {
      throw ValidationError(
        "\(first.id) says that the alert was expected; give --excluded FILE for such times.")
    }
    let added = try add(accepted.filter { $0.judgement == .incident }, to: incidents)
    let left =
      try excluded.map {
        try add(accepted.filter { $0.judgement == .expected }, to: $0)
      } ?? 0
    for verdict in waiting {
      if let decision = mine[verdict.id] { review.decide(decision, about: verdict) }
    }
    if !mine.isEmpty { try review.write() }
    for (id, decision) in decided.sorted(by: { $0.key < $1.key }) {
      guard let other = known[id] else { continue }
      writeError(
        "autopilot: warning: \(id) was \(other.rawValue) by another reviewer meanwhile"
          + (other == decision ? "" : "; that stays, not \(decision.rawValue)"))
    }
    writeOutput(
      "\(mine.count) of \(waiting.count) reviewed: \(added) added to \(incidents)"
        + (excluded.map { ", \(left) to \($0)" } ?? "") + ", "
        + "\(mine.values.count { $0 == .rejected }) rejected\n")
  }

  private func decisions(_ waiting: [Verdict]) -> [String: VerdictReview.Decision] {
    var decided: [String: VerdictReview.Decision] = [:]
    if acceptAll { for verdict in waiting { decided[verdict.id] = .accepted } }
    for id in accept { decided[id] = .accepted }
    for id in reject { decided[id] = .rejected }
    return decided
  }

  private func add(_ verdicts: [Verdict], to path: String) throws -> Int {
    guard !verdicts.isEmpty else { return 0 }
    var table = try IncidentTable(at: path)
    let added = verdicts.count { table.add($0) }
    try table.write()
    return added
  }

  private func ask(about waiting: [Verdict]) -> [String: VerdictReview.Decision] {
    var decided: [String: VerdictReview.Decision] = [:]
    for (number, verdict) in waiting.enumerated() {
      writeError(
        printable(
          "\(number + 1)/\(waiting.count)  \(verdict.id)  \(verdict.service)  "
            + "\(instant(verdict.start)), \(duration(verdict.end - verdict.start)): "
            + "\(verdict.judgement.rawValue) by \(verdict.by.isEmpty ? "somebody" : verdict.by)  "
            + verdict.note))
      writeError("accept, reject, skip or quit? [a/r/s/q]")
      guard let answer = readLine()?.lowercased().first, answer != "q" else { return decided }
      if answer == "a" { decided[verdict.id] = .accepted }
      if answer == "r" { decided[verdict.id] = .rejected }
    }
    return decided
  }
}

private func warn(of defects: [VerdictFile.Defect], in file: String) {
  guard let first = defects.first else { return }
  writeError(
    "autopilot: warning: \(defects.count) \(defects.count == 1 ? "line" : "lines") of \(file) left out: "
      + printable(first.reason))
}
