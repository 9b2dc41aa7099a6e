internal import ArgumentParser
internal import Ingest
internal import Pipeline

/// Where a public dataset is, and which of its parts are meant.
struct PublishedPartOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The dataset's folder.", valueName: "folder"))
  var from: String

  @Option(
    help: ArgumentHelp(
      "A part (machine, service, series), or a category of them; may be repeated. By default all.",
      valueName: "name"))
  var part: [String] = []

  /// The parts that are meant, in the order of their names.
  ///
  /// - Throws: `ValidationError` for a name without a part; `IngestError` without the dataset.
  func parts(of dataset: PublishedDataset) throws -> [String] {
    let parts = try dataset.parts(in: from)
    if part.isEmpty { return parts }
    for wanted in part where !parts.contains(where: { matches($0, wanted) }) {
      throw ValidationError(
        "There is no part '\(wanted)' in \(from)\(guess(wanted, among: parts)); it has "
          + "\(parts.prefix(8).joined(separator: ", "))\(parts.count > 8 ? " and others" : "").")
    }
    return parts.filter { name in part.contains { matches(name, $0) } }
  }

  private func matches(_ part: String, _ wanted: String) -> Bool {
    part == wanted || part.hasPrefix(wanted + "/") || part.hasSuffix("/" + wanted)
  }
}
