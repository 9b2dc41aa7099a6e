import Diagnostics
import Features
import Foundation
import LinearAlgebra
import Storage
import Telemetry
import Testing

@Suite struct FeatureCatalogueTests {
  @Test func `docs/features.md is what the catalogue says`() throws {
    let page = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../docs/features.md")
    let text = try String(contentsOf: page, encoding: .utf8)
    #expect(text == FeatureCatalogue.markdown())
  }

  @Test func `every feature is documented in full, on one line each`() {
    for feature in CatalogueFeature.allCases {
      let documentation = feature.documentation
      let texts = [
        documentation.meaning, documentation.formula, documentation.unit, documentation.memory,
        documentation.missing,
      ]
      for text in texts { #expect(!text.isEmpty && !text.contains("\n"), "\(feature)") }
      #expect(documentation.meaning.hasSuffix("."), "\(feature)")
      #expect(FeatureCatalogue.explanation(of: feature).contains(documentation.formula))
      #expect(FeatureCatalogue.list().contains("\(feature.rawValue) "))
    }
    let meanings = Set(CatalogueFeature.allCases.map(\.documentation.meaning))
    #expect(meanings.count == CatalogueFeature.allCases.count)
  }

  @Test func `the default set is the current value and seven statistics of each window`() {
    let definition = FeatureDefinition(interval: .minutes(1), windows: [3, 60])
    #expect(
      definition.featureNames(ofChannel: "cpu") == [
        "cpu", "mean(cpu, 3m)", "deviation(cpu, 3m)", "minimum(cpu, 3m)", "maximum(cpu, 3m)",
        "trend(cpu, 3m)", "excess(cpu, 3m)", "roughness(cpu, 3m)", "mean(cpu, 1h)",
        "deviation(cpu, 1h)", "minimum(cpu, 1h)", "maximum(cpu, 1h)", "trend(cpu, 1h)",
        "excess(cpu, 1h)", "roughness(cpu, 1h)",
      ])
    #expect(definition.historyLength == 60)
  }

  @Test func `added features follow the default set in the catalogue's order, each once`() {
    let definition = FeatureDefinition(
      interval: .minutes(1), windows: [3],
      selected: FeatureSet.listed.features(windows: [3]) + [
        SelectedFeature(.lag, window: 9), SelectedFeature(.median, window: 7),
        SelectedFeature(.lag, window: 2), SelectedFeature(.median, window: 7),
        SelectedFeature(.maximum, window: 3), SelectedFeature(.hourResidual),
      ])
    #expect(
      definition.featureNames(ofChannel: "x") == [
        "x", "maximum(x, 3m)", "median(x, 7m)", "lag(x, 2m)", "lag(x, 9m)", "hour_residual(x)",
      ])
    #expect(definition.historyLength == 10)
  }

  @Test func `a model of the whole catalogue survives its JSON document`() throws {
    let (frame, grid) = randomFrame(rows: 200, seed: 2)
    let model = FeatureModel(
      definition: fullDefinition, services: [fittedModel(frame, grid: grid)])
    let bytes = Array(model.json().text().utf8)
    let read = try FeatureModel(
      json: JSONDocument(JSONValue(parsing: bytes, source: "f"), source: "f"))
    #expect(read == model)
    #expect(Array(read.json().text().utf8) == bytes)
  }

  @Test func `a stored feature of another meaning is refused by name`() throws {
    let definition = FeatureDefinition(
      interval: .minutes(1), windows: [3], selected: [SelectedFeature(.ewma, window: 3)])
    guard
      case .object(var members) = FeatureModel(definition: definition, services: []).json()
    else { return #expect(Bool(false)) }
    func read(_ feature: JSONValue) throws {
      members["features"] = [feature]
      _ = try FeatureModel(json: JSONDocument(.object(members), source: "f"))
    }
    #expect(
      throws: FeatureError.unsupportedFeature(name: "ewma", found: 2, supported: 1)
    ) { try read(["name": "ewma", "version": 2, "window": 3]) }
    #expect(
      throws: FeatureError.unsupportedFeature(name: "later", found: 1, supported: nil)
    ) { try read(["name": "later", "version": 1]) }
    for wrong: JSONValue in [
      ["name": "ewma", "version": 1], ["name": "ewma", "version": 1, "window": 1],
      ["name": "missing", "version": 1, "window": 5],
    ] {
      #expect(throws: StorageError.self) { try read(wrong) }
    }
  }
}
