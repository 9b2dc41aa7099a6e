internal import ArgumentParser
internal import Features
internal import Pipeline
internal import Storage

struct ListFeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the features that a configuration can choose from.")

  @Flag(help: "Write the page docs/features.md.")
  var markdown = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    common.print(
      markdown ? FeatureCatalogue.markdown() : FeatureCatalogue.list(),
      json: .array(CatalogueFeature.allCases.map { $0.json }))
  }
}

struct ExplainFeatureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say what a feature means, how it is computed and what it does with gaps.")

  @Argument(help: "The feature's name, as 'autopilot features list' shows it.")
  var name: String

  @OptionGroup var common: CommonOptions

  func run() throws {
    guard let feature = CatalogueFeature(rawValue: name) else {
      let hint = guess(name, among: CatalogueFeature.allCases.map(\.rawValue))
      throw ValidationError(
        "There is no feature '\(name)'\(hint); 'autopilot features list' shows them all.")
    }
    common.print(FeatureCatalogue.explanation(of: feature), json: feature.json)
  }
}

extension CatalogueFeature {
  /// The feature's entry in the catalogue.
  fileprivate var json: JSONValue {
    [
      "name": .string(rawValue), "version": .integer(version),
      "meaning": .string(documentation.meaning), "formula": .string(documentation.formula),
      "unit": .string(documentation.unit), "memory": .string(documentation.memory),
      "missing": .string(documentation.missing), "scope": .string(scope.rawValue),
      "shortest_window": shortestWindow.map { .integer($0) } ?? .null,
    ]
  }
}
