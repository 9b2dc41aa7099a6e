internal import ArgumentParser
internal import Ingest

/// How much may be lost.
struct DefectBudgetOptions: ParsableArguments {
  @Option(
    name: .customLong("defect-budget"),
    help: ArgumentHelp(
      "What may be skipped before exit code 4: '1%' of samples and log lines, a number, 'none', or "
        + "'reason=…' for one reason; may be repeated. Default: the configuration's, or 10%.",
      valueName: "limit"))
  var entries: [String] = []

  func validate() throws { _ = try applied(to: DefectBudget()) }

  /// A budget with what was said on the command line.
  func applied(to budget: DefectBudget) throws -> DefectBudget {
    var budget = budget
    for entry in entries where !budget.add(entry) {
      throw ValidationError(
        "--defect-budget '\(entry)' is not '1%', a number, 'none', or one of them behind 'reason='."
      )
    }
    return budget
  }
}
