internal import Detection
internal import Features
internal import IsolationForest
internal import LinearAlgebra
public import Telemetry

/// Why a detector finds a cell anomalous.
public struct CellExplanation: Hashable, Sendable {
  /// A feature that makes the cell anomalous.
  public struct Cause: Hashable, Sendable {
    /// The feature's name.
    public var feature: String
    /// Its value, in the metric's unit where it has one; NaN when missing.
    public var value: Double
    /// Of an isolation forest, what it contributes to the mean path length: negative, the more the
    /// stranger. Of other detectors what it adds to the score, positive.
    public var contribution: Double
    /// Of an isolation forest, the nearest values, in the same unit, with which the cell would be
    /// normal, all else as it is; nil when none would do. Of others, what was foretold or
    /// reconstructed. Infinite where there is no bound. `value` is never among them.
    public var expected: ClosedRange<Double>?

    /// Makes a cause from its parts.
    public init(
      feature: String, value: Double, contribution: Double, expected: ClosedRange<Double>?
    ) {
      (self.feature, self.value) = (feature, value)
      (self.contribution, self.expected) = (contribution, expected)
    }

    /// One line: `cpu_p95 = 0.97, expected 0.21 to 0.55`.
    public var text: String {
      let value = value.isNaN ? "missing" : Self.short(value)
      switch expected {
      case nil: return "\(feature) = \(value)"
      case let range? where range.lowerBound == -.infinity:
        return "\(feature) = \(value), expected at most \(Self.short(range.upperBound))"
      case let range? where range.lowerBound == range.upperBound:
        return "\(feature) = \(value), expected \(Self.short(range.lowerBound))"
      case let range? where range.upperBound == .infinity:
        return "\(feature) = \(value), expected at least \(Self.short(range.lowerBound))"
      case let range?:
        return "\(feature) = \(value), expected \(Self.short(range.lowerBound)) to "
          + Self.short(range.upperBound)
      }
    }

    /// A number with three digits that tell.
    fileprivate static func short(_ value: Double) -> String {
      guard value.isFinite, value != 0 else { return "\(value)" }
      var unit = 1.0
      while abs(value) / unit >= 1_000 { unit *= 10 }
      while abs(value) / unit < 100, unit > 1e-12 { unit /= 10 }
      let rounded = (value / unit).rounded()
      let text = "\(unit >= 1 ? rounded * unit : rounded / (1 / unit).rounded())"
      return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
  }

  /// The end of the cell.
  public var time: Timestamp
  /// The service.
  public var service: String
  /// The detector's calibrated score, at least 1.
  public var score: Float
  /// What makes it anomalous, the strongest first.
  public var causes: [Cause]

  /// Makes an explanation from its parts.
  public init(time: Timestamp, service: String, score: Float, causes: [Cause]) {
    (self.time, self.service, self.score, self.causes) = (time, service, score, causes)
  }

  /// One line: the cell, its score, and the three strongest causes.
  public var text: String {
    "\(time)  \(service)  \(Cause.short(Double(score))): "
      + causes.prefix(3).map(\.text).joined(separator: "; ")
  }
}

extension ScoringModel {
  /// Explains the cells of a service's frame in which the isolation forest's score is at least 1.
  ///
  /// - Parameters:
  ///   - causes: Features named for each cell at most.
  ///   - cells: The cells to explain, whatever their score, instead.
  /// - Returns: Nothing for a model without a forest of the service.
  public func explanations(
    of frame: ServiceFrame, grid: TimeGrid, causes: Int, at cells: Set<Int>? = nil
  ) -> [CellExplanation] {
    guard let place = detectors.firstIndex(where: { $0 is ForestModel }),
      let forest = (detectors[place] as? ForestModel)?.forest(of: frame.service),
      let service = features.service(named: frame.service)
    else { return [] }
    let calibration = calibrations[place]
    let explainer = ForestExplainer(
      forest: forest, names: features.featureNames(of: service),
      limit: calibration.greatestNormal(service: frame.service), causes: causes)
    var extractor = FeatureExtractor(definition: features.definition, model: service)
    var found: [CellExplanation] = []
    for (cell, row) in rows(of: frame, grid: grid, of: service, upTo: cells?.max()).enumerated() {
      let observation = extractor.push(row)
      guard observation.hasData, cells?.contains(cell) ?? true else { continue }
      let inputs = ForestModel.inputs(observation.features, missing: forest.missing)
      let score = calibration.score(forest.score(inputs[...]), service: frame.service)
      guard cells != nil || score >= 1 else { continue }
      found.append(
        CellExplanation(
          time: row.time, service: frame.service, score: score,
          causes: explainer.causes(
            of: inputs, observed: observation.features,
            units: features.units(of: service, at: row.time))))
    }
    return found
  }
}

extension ScoringModel {
  /// The rows of a frame, up to a cell and with it.
  func rows(
    of frame: ServiceFrame, grid: TimeGrid, of service: ServiceFeatureModel, upTo last: Int?
  ) -> FrameRows {
    let count = last.map { min(grid.count, $0 + 1) } ?? grid.count
    return FrameRows(
      frame: frame, grid: TimeGrid(first: grid.first, interval: grid.interval, count: count),
      columns: service.metricColumns)
  }
}

/// Explains rows of one service's forest.
private struct ForestExplainer {
  let forest: IsolationForest
  let attribution: PathAttribution
  let names: [String]
  let limit: Float
  let limitOfCauses: Int

  init(
    forest: IsolationForest, names: [String], limit: Float, causes: Int
  ) {
    (self.forest, self.names) = (forest, names)
    (self.limit, limitOfCauses) = (limit, causes)
    attribution = PathAttribution(forest)
  }

  func causes(
    of inputs: [Float], observed: [Float], units: [RobustSummary]
  ) -> [CellExplanation.Cause] {
    let contributions = attribution.contributions(to: inputs[...])
    let order = contributions.indices.filter { contributions[$0] < 0 }.sorted {
      (contributions[$0], $0) < (contributions[$1], $1)
    }
    return order.prefix(limitOfCauses).map { feature in
      let unit = units[feature]
      func known(_ value: Float) -> Double { unit.median + unit.scale * Double(value) }
      let range = forest.normalRange(of: feature, in: inputs[...], scoreAtMost: limit)
      let value = known(observed[feature])
      return CellExplanation.Cause(
        feature: names[feature], value: value, contribution: contributions[feature],
        expected: range.flatMap {
          expected(from: known($0.least), to: known($0.greatest), without: value)
        })
    }
  }

  /// A range without an anomalous value, which rounding can bring to its ends: that of hyperplanes,
  /// and that of units whose scale is far below the median. Nil when nothing is left.
  private func expected(
    from least: Double, to greatest: Double, without value: Double
  ) -> ClosedRange<Double>? {
    var (least, greatest) = (least, greatest)
    if least <= value, value <= greatest {
      if value - least <= greatest - value {
        least = value.nextUp
      } else {
        greatest = value.nextDown
      }
    }
    return least <= greatest ? least...greatest : nil
  }
}
