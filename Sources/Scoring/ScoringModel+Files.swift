internal import Detection
internal import Features
internal import IsolationForest
internal import LSTM
internal import Storage

/// The files a scoring model consists of. Data only: JSON for what people read, safetensors for
/// what only programs do.
extension ScoringModel {
  /// Feature definition and scaling.
  public static let featuresFile = "features.json"
  /// Members of the ensemble and their small parameters.
  public static let detectorsFile = "detectors.json"
  /// Calibrations of all scores.
  public static let calibrationFile = "calibration.json"
  /// Trees and network weights.
  public static let weightsFile = "weights.safetensors"

  /// The model's files by name; equal models give equal bytes.
  public func files() -> [String: [UInt8]] {
    var weights = TensorBundle(source: Self.weightsFile)
    let members: [JSONValue] = detectors.map { detector in
      switch detector {
      case let model as ForestModel: encode(model, into: &weights)
      case let model as ForecastModel: encode(model, into: &weights)
      case let model as DeviationModel: encode(model)
      case let model as AutoregressionModel: model.encode(into: &weights)
      case let model as ComponentsModel: model.encode(into: &weights)
      case let model as WindowedComponentsModel: model.encode(into: &weights)
      default: preconditionFailure("detector \(detector.name) has no files")
      }
    }
    var calibration: [String: JSONValue] = [
      "members": .object(
        Dictionary(
          zip(detectors.map(\.name), calibrations.map { $0.json() }),
          uniquingKeysWith: { first, _ in first })),
      "ensemble": ensemble.json(),
    ]
    // Models of before have none: all count alike.
    if self.weights.contains(where: { $0 != 1 }) {
      calibration["weights"] = .object(
        Dictionary(
          zip(detectors.map(\.name), self.weights.map(JSONValue.number)),
          uniquingKeysWith: { first, _ in first }))
    }
    return [
      Self.featuresFile: Array(features.json().text(indented: true).utf8),
      Self.detectorsFile: Array(JSONValue.array(members).text(indented: true).utf8),
      Self.calibrationFile: Array(JSONValue.object(calibration).text(indented: true).utf8),
      Self.weightsFile: weights.safetensors(),
    ]
  }

  private func encode(_ model: ForestModel, into weights: inout TensorBundle) -> JSONValue {
    let services = model.held.keys.sorted()
    // Services that share a forest share its file.
    var numbers: [ObjectIdentifier: Int] = [:]
    var indices: [Int] = []
    for service in services {
      guard let held = model.held[service] else { continue }
      let number = numbers[ObjectIdentifier(held), default: numbers.count]
      indices.append(number)
      guard number == numbers.count else { continue }
      numbers[ObjectIdentifier(held)] = number
      held.forest.encode(into: &weights, prefix: "forest.\(number)")
    }
    var members: [String: JSONValue] = [
      "name": .string(model.name), "services": .array(services.map(JSONValue.string)),
    ]
    if numbers.count < services.count {
      members["forests"] = .array(indices.map(JSONValue.integer))
    }
    return .object(members)
  }

  private func encode(_ model: ForecastModel, into weights: inout TensorBundle) -> JSONValue {
    for (index, group) in model.groups.enumerated() {
      group.network.encode(into: &weights, prefix: "lstm.\(index).")
    }
    let groups: [JSONValue] = model.groups.map { group in
      var members = group.network.shape.json
      members["services"] = .array(group.services.map(JSONValue.string))
      members["channels"] = .array(group.channels.map(JSONValue.string))
      return .object(members)
    }
    var members = model.errors.members(into: &weights, prefix: ForecastModel.name)
    members["name"] = .string(model.name)
    members["groups"] = .array(groups)
    members["calendar"] = .bool(model.usesCalendar)
    return .object(members)
  }

  private func encode(_ model: DeviationModel) -> JSONValue {
    [
      "name": .string(model.name),
      "features": .object(model.features.mapValues(JSONValue.integer)),
      "least": .integer(model.least),
      "tails": .object(model.tails.mapValues { $0.json() }),
    ]
  }

  /// Reads a model from its files.
  ///
  /// - Parameters:
  ///   - files: Contents by name; other files are ignored.
  ///   - source: The artifact's name to use in errors.
  /// - Throws: An error that names the file and the part that is wrong.
  public init(files: [String: [UInt8]], source: String) throws {
    func content(_ name: String) throws -> [UInt8] {
      guard let bytes = files[name] else { throw StorageError.notFound(path: "\(source)/\(name)") }
      return bytes
    }
    func document(_ name: String) throws -> JSONDocument {
      let path = "\(source)/\(name)"
      return JSONDocument(
        try JSONValue(parsing: try content(name), source: path), source: path)
    }
    let features = try FeatureModel(json: document(Self.featuresFile))
    let weights = try TensorBundle(
      safetensors: try content(Self.weightsFile), source: "\(source)/\(Self.weightsFile)")
    let calibration = try document(Self.calibrationFile)
    var detectors: [any DetectorModel] = []
    var calibrations: [Calibration] = []
    for member in try document(Self.detectorsFile).elements {
      let name = try member["name"].string
      switch name {
      case ForestModel.name:
        detectors.append(try Self.forest(member, weights: weights, features: features))
      case ForecastModel.name:
        detectors.append(try Self.forecast(member, weights: weights, features: features))
      case DeviationModel.name:
        detectors.append(try Self.deviation(member, features: features))
      case AutoregressionModel.name:
        detectors.append(try AutoregressionModel(member, weights: weights, features: features))
      case ComponentsModel.name:
        detectors.append(try ComponentsModel(member, weights: weights, features: features))
      case WindowedComponentsModel.name:
        detectors.append(
          try WindowedComponentsModel(member, weights: weights, features: features))
      default:
        throw try member["name"].expected("a detector that this program knows, not '\(name)'")
      }
      calibrations.append(try Calibration(json: calibration["members"][name]))
    }
    let shares = try calibration.optional("weights")
    self.init(
      features: features, detectors: detectors, calibrations: calibrations,
      ensemble: try Calibration(json: calibration["ensemble"]),
      weights: try detectors.map { detector in
        guard let place = try shares?[detector.name] else { return 1 }
        let weight = try place.number
        guard weight > 0, weight <= 1000 else { throw place.expected("a weight above 0") }
        return weight
      })
  }

  private static func forest(
    _ document: JSONDocument, weights: TensorBundle, features: FeatureModel
  ) throws -> ForestModel {
    var forests: [String: HeldForest] = [:]
    var shared: [Int: HeldForest] = [:]
    let services = try document["services"].elements
    let indices = try document.optional("forests")?.elements.map { try $0.integer }
    guard indices.map({ $0.count == services.count }) ?? true else {
      throw try document["forests"].expected("\(services.count) numbers, one a service")
    }
    for (place, element) in services.enumerated() {
      let name = try element.string
      guard let service = features.service(named: name) else {
        throw element.expected("a service of \(featuresFile)")
      }
      let index = indices?[place] ?? place
      let columns = service.featureScaling.count
      let known = shared[index].flatMap { $0.columns == columns ? $0 : nil }
      let forest =
        try known
        ?? HeldForest(
          IsolationForest(decoding: weights, prefix: "forest.\(index)", columns: columns))
      if indices != nil { shared[index] = forest }
      forests[name] = forest
    }
    return ForestModel(held: forests)
  }

  private static func deviation(
    _ document: JSONDocument, features: FeatureModel
  ) throws -> DeviationModel {
    var counts: [String: Int] = [:]
    for (service, place) in try document["features"].members {
      guard let count = features.service(named: service)?.featureScaling.count,
        try place.integer == count
      else { throw place.expected("the number of features of a service of \(featuresFile)") }
      counts[service] = count
    }
    var model = DeviationModel(features: counts)
    if let least = try document.optional("least") {
      model.least = try least.integer
      guard model.least >= 1 else { throw least.expected("a count of at least 1") }
    }
    model.tails = try TailWeights.read(document["tails"]) { counts[$0] }
    return model
  }

  private static func forecast(
    _ document: JSONDocument, weights: TensorBundle, features: FeatureModel
  ) throws -> ForecastModel {
    let usesCalendar = try document["calendar"].bool
    var groups: [ForecastModel.Group] = []
    for (index, place) in try document["groups"].elements.enumerated() {
      let channels = try place["channels"].elements.map { try $0.string }
      let services = try place["services"].elements.map { try $0.string }
      for service in services where features.service(named: service)?.channels != channels {
        throw try place["channels"].expected("the channels of service '\(service)'")
      }
      let shape = try LSTMShape(
        json: place,
        inputs: channels.count + (usesCalendar ? ForecastModel.calendarInputs : 0),
        outputs: channels.count)
      groups.append(
        ForecastModel.Group(
          channels: channels, services: services,
          network: try LSTMNetwork(decoding: weights, prefix: "lstm.\(index).", shape: shape)))
    }
    return ForecastModel(
      groups: groups,
      errors: try ErrorModel(document, weights: weights, prefix: ForecastModel.name) {
        features.service(named: $0)?.channels.count
      }, usesCalendar: usesCalendar)
  }
}
