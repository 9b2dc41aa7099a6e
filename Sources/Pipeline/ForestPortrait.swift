internal import Detection
internal import Features
internal import IsolationForest
internal import Scoring
public import Storage

/// What a model's isolation forests look like: one a service.
public struct ForestPortrait {
  /// One service's forest.
  private struct Forest {
    let service: String
    let forest: IsolationForest
    let names: [String]
    let statistics: ForestStatistics
    /// Size of its stored tensors, in bytes.
    let bytes: Int
    /// The most important features and their shares.
    let important: [(name: String, share: Double)]
  }

  private let forests: [Forest]
  private let model: TrainedModel

  /// Looks at the forests of a model.
  ///
  /// - Parameter service: The only service to look at; nil for all.
  /// - Throws: `PipelineError.noForest` when there is none.
  public init(_ model: TrainedModel, service: String?) throws {
    self.model = model
    forests = try model.forests(of: service).map { service, forest, names in
      let importance = PathAttribution(forest).importance
      let order = importance.indices.sorted { (-importance[$0], $0) < (-importance[$1], $1) }
      return Forest(
        service: service, forest: forest, names: names, statistics: forest.statistics,
        bytes: forest.storedBytes,
        important: order.prefix(5).filter { importance[$0] > 0 }.map {
          (names[$0], importance[$0])
        })
    }
  }

  /// A line per forest, then its most important features.
  public func text() -> String {
    var text =
      "model    \(model.name), seed \(model.seed), dataset \(model.datasetDigest.prefix(12))\n"
    for one in forests {
      let (statistics, forest) = (one.statistics, one.forest)
      text += "\n\(one.service)\n"
      let lines = [
        (
          "trees",
          "\(statistics.trees) over \(forest.subsample) rows each, \(forest.columns) features"
        ),
        ("nodes", "\(statistics.nodes), \(statistics.leaves) of them leaves"),
        (
          "splits",
          statistics.hyperplanes == 0
            ? "on one feature each" : "\(statistics.hyperplanes) on several features"
        ),
        ("missing", forest.missing.explanation),
        (
          "depth",
          "\(statistics.depths.lowerBound) to \(statistics.depths.upperBound), "
            + "leaves at \(fixed(statistics.meanLeafDepth)) on average"
        ),
        ("path", "\(fixed(statistics.expectedPathLength)) expected for training rows"),
        ("size", "\(one.bytes) bytes"),
      ]
      for (name, value) in lines {
        text += "  \(name)\(String(repeating: " ", count: 9 - name.count))\(value)\n"
      }
      for (rank, feature) in one.important.enumerated() {
        text += rank == 0 ? "  features " : "           "
        text += "\(fixed(feature.share * 100)) %  \(feature.name)\n"
      }
    }
    return text
  }

  /// The same for programs.
  public func json() -> JSONValue {
    [
      "name": .string(model.name), "seed": .string(String(model.seed)),
      "dataset": .string(model.datasetDigest),
      "forests": .array(forests.map(Self.json)),
    ]
  }

  private static func json(_ one: Forest) -> JSONValue {
    [
      "service": .string(one.service), "trees": .integer(one.statistics.trees),
      "subsample": .integer(one.forest.subsample), "columns": .integer(one.forest.columns),
      "nodes": .integer(one.statistics.nodes), "leaves": .integer(one.statistics.leaves),
      "hyperplanes": .integer(one.statistics.hyperplanes),
      "missing": .string(one.forest.missing.rawValue),
      "least_depth": .integer(one.statistics.depths.lowerBound),
      "greatest_depth": .integer(one.statistics.depths.upperBound),
      "mean_leaf_depth": .number(one.statistics.meanLeafDepth),
      "expected_path_length": .number(one.statistics.expectedPathLength),
      "bytes": .integer(one.bytes),
      "features": .array(
        one.important.map { ["name": .string($0.name), "share": .number($0.share)] }),
    ]
  }

  /// One tree of every forest as indented text.
  ///
  /// - Throws: `PipelineError.noTree` for a number that a forest does not have.
  public func text(ofTree tree: Int) throws -> String {
    var text = ""
    for one in forests {
      guard tree >= 0, tree < one.statistics.trees else {
        throw PipelineError.noTree(
          number: tree, service: one.service, trees: one.statistics.trees)
      }
      text += "\(one.service), tree \(tree)\n" + one.forest.text(ofTree: tree, names: one.names)
    }
    return text
  }
}

extension MissingValues {
  fileprivate var explanation: String {
    switch self {
    case .reject: "count as the training median"
    case .majority: "go with the majority of the rows"
    case .both: "go both ways, by the shares of the rows"
    }
  }
}

extension IsolationForest {
  /// Size of the stored tensors, in bytes.
  fileprivate var storedBytes: Int {
    var bundle = TensorBundle(source: "")
    encode(into: &bundle, prefix: "forest.0")
    return bundle.safetensors().count
  }
}

/// A number with two decimals.
private func fixed(_ value: Double) -> String {
  let hundredths = Int((value * 100).rounded())
  return "\(hundredths / 100).\(hundredths % 100 / 10)\(hundredths % 10)"
}

extension TrainedModel {
  /// Makes sure that there is a detector whose scores are to be explained.
  ///
  /// - Throws: `PipelineError.noForest` or `notExplained` when there is none.
  public func requireExplained(by detector: String) throws {
    if detector == ForestModel.name { return _ = try forests(of: nil) }
    let known = scoring.explainedDetectors
    guard known.contains(detector) else {
      throw PipelineError.notExplained(detector: detector, known: known)
    }
  }

  /// The model's forests with the names of their columns, ascending by service.
  ///
  /// - Throws: `PipelineError.noForest` when there is none, or none of the service.
  func forests(
    of service: String?
  ) throws -> [(service: String, forest: IsolationForest, names: [String])] {
    let model = scoring.detectors.lazy.compactMap { $0 as? ForestModel }.first
    let services = (model?.held ?? [:]).keys.sorted()
    let chosen = service.map { name in services.filter { $0 == name } } ?? services
    guard !chosen.isEmpty else { throw PipelineError.noForest(service: service, known: services) }
    return chosen.compactMap { name in
      guard let forest = model?.forest(of: name),
        let features = scoring.features.service(named: name)
      else { return nil }
      return (name, forest, scoring.features.featureNames(of: features))
    }
  }
}
