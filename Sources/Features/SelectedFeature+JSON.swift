internal import Storage

extension SelectedFeature {
  /// The selection with the version of its meaning, for the artifact.
  func json() -> JSONValue {
    var members: [String: JSONValue] = [
      "name": .string(feature.rawValue), "version": .integer(feature.version),
    ]
    if let window { members["window"] = .integer(window) }
    return .object(members)
  }

  /// Reads a selection.
  ///
  /// - Throws: `StorageError.unexpectedShape`, or `FeatureError.unsupportedFeature` for a feature
  ///   that this program computes differently or not at all.
  init(json document: JSONDocument) throws {
    let name = try document["name"].string
    let version = try document["version"].integer
    guard let feature = CatalogueFeature(rawValue: name), feature.version == version else {
      throw FeatureError.unsupportedFeature(
        name: name, found: version, supported: CatalogueFeature(rawValue: name)?.version)
    }
    let window = try document.optional("window")?.integer
    let range = feature.shortestWindow.map { $0...Self.longestWindow }
    guard (window == nil) == (range == nil), window.map({ range?.contains($0) ?? false }) ?? true
    else {
      throw document.expected(
        range.map { "a window from \($0.lowerBound) to \($0.upperBound) cells" } ?? "no window")
    }
    self.init(feature, window: window)
  }
}

extension SeasonalProfile {
  /// The profile for the artifact.
  func json() -> JSONValue {
    [
      "hours": .array(hours.map(JSONValue.float)), "days": .array(days.map(JSONValue.float)),
    ]
  }

  /// Reads a profile.
  init(json document: JSONDocument) throws {
    func values(_ key: String, count: Int) throws -> [Float] {
      let values = try document[key].elements.map { Float(try $0.number) }
      guard values.count == count, values.allSatisfy({ $0.isFinite }) else {
        throw try document[key].expected("\(count) finite numbers")
      }
      return values
    }
    self.init(hours: try values("hours", count: 24), days: try values("days", count: 7))
  }
}
