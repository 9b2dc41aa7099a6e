internal import Baselines
internal import Detection
internal import Features
internal import Storage

/// The files of linear detectors that are members of an ensemble.
extension AutoregressionModel {
  func encode(into weights: inout TensorBundle) -> JSONValue {
    let services = forecasters.keys.sorted()
    var entries: [JSONValue] = []
    for (index, service) in services.enumerated() {
      guard let forecaster = forecasters[service] else { continue }
      let regression = forecaster.regression
      let prefix = "\(Self.name).\(index)"
      weights.tensors["\(prefix).coefficients"] = .init(
        shape: [regression.outputs, regression.inputs], values: .double(regression.coefficients))
      weights.tensors["\(prefix).intercepts"] = .init(
        shape: [regression.outputs], values: .double(regression.intercepts))
      entries.append([
        "service": .string(service), "lags": .integer(forecaster.lags),
        "penalty": .number(forecaster.penalty),
      ])
    }
    var members = errors.members(into: &weights, prefix: Self.name)
    members["name"] = .string(name)
    members["services"] = .array(entries)
    return .object(members)
  }

  init(_ document: JSONDocument, weights: TensorBundle, features: FeatureModel) throws {
    var forecasters: [String: VectorAutoregression] = [:]
    for (index, place) in try document["services"].elements.enumerated() {
      let service = try place["service"].string
      let lags = try place["lags"].integer
      guard let channels = features.service(named: service)?.channels.count,
        (1...1000).contains(lags)
      else { throw place.expected("a service of \(ScoringModel.featuresFile) and its lags") }
      let prefix = "\(Self.name).\(index)"
      forecasters[service] = VectorAutoregression(
        lags: lags,
        regression: RidgeRegression(
          inputs: lags * channels,
          coefficients: try weights.doubles(
            "\(prefix).coefficients", shape: [channels, lags * channels]),
          intercepts: try weights.doubles("\(prefix).intercepts", shape: [channels])),
        penalty: try place["penalty"].number)
    }
    self.init(
      forecasters: forecasters,
      errors: try ErrorModel(document, weights: weights, prefix: Self.name) {
        features.service(named: $0)?.channels.count
      })
  }
}

extension PrincipalComponents {
  fileprivate func encode(into weights: inout TensorBundle, prefix: String) {
    weights.tensors["\(prefix).means"] = .init(shape: [columns], values: .double(means))
    weights.tensors["\(prefix).components"] = .init(
      shape: [count, columns], values: .double(components))
    // The variance of all other directions is the last.
    weights.tensors["\(prefix).variances"] = .init(
      shape: [count + 1], values: .double(variances + [residualVariance]))
  }

  fileprivate init(decoding weights: TensorBundle, prefix: String, columns: Int) throws {
    let variances = try weights.doubles("\(prefix).variances", shape: [nil])
    let count = max(0, variances.count - 1)
    self.init(
      means: try weights.doubles("\(prefix).means", shape: [columns]),
      components: try weights.doubles("\(prefix).components", shape: [count, columns]),
      variances: Array(variances.prefix(count)), residualVariance: variances.last ?? 0)
  }
}

/// Components by service, in order of the services' names.
private func encode(
  _ components: [String: PrincipalComponents], name: String, into weights: inout TensorBundle
) -> JSONValue {
  let services = components.keys.sorted()
  for (index, service) in services.enumerated() {
    components[service]?.encode(into: &weights, prefix: "\(name).\(index)")
  }
  return .array(services.map(JSONValue.string))
}

private func decode(
  _ document: JSONDocument, name: String, weights: TensorBundle, columns: (String) -> Int?
) throws -> [String: PrincipalComponents] {
  var components: [String: PrincipalComponents] = [:]
  for (index, place) in try document["services"].elements.enumerated() {
    let service = try place.string
    guard let columns = columns(service) else {
      throw place.expected("a service of \(ScoringModel.featuresFile)")
    }
    components[service] = try PrincipalComponents(
      decoding: weights, prefix: "\(name).\(index)", columns: columns)
  }
  return components
}

extension ComponentsModel {
  func encode(into weights: inout TensorBundle) -> JSONValue {
    [
      "name": .string(name),
      "services": Scoring.encode(components, name: Self.name, into: &weights),
    ]
  }

  init(_ document: JSONDocument, weights: TensorBundle, features: FeatureModel) throws {
    self.init(
      components: try decode(document, name: Self.name, weights: weights) {
        features.service(named: $0)?.featureScaling.count
      })
  }
}

extension WindowedComponentsModel {
  func encode(into weights: inout TensorBundle) -> JSONValue {
    [
      "name": .string(name), "window": .integer(window),
      "services": Scoring.encode(components, name: Self.name, into: &weights),
    ]
  }

  init(_ document: JSONDocument, weights: TensorBundle, features: FeatureModel) throws {
    let window = try document["window"].integer
    guard (1...1000).contains(window) else {
      throw try document["window"].expected("a whole number from 1 to 1000")
    }
    self.init(
      window: window,
      components: try decode(document, name: Self.name, weights: weights) { service in
        (features.service(named: service)?.channels.count).map { $0 * window }
      })
  }
}
