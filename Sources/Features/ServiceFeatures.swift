internal import Telemetry

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Features of a service as a whole: relations between its metrics, and the calendar. They look at
/// one instant only.
struct ServiceFeatures: Sendable {
  private enum Recipe: Sendable {
    case siblings(column: Int, others: [Int])
    case ratio(of: [Int], to: [Int])
    case sine(period: Double)
    case cosine(period: Double)
  }

  /// The features' names, in the order of `append`.
  private(set) var names: [String] = []
  private var recipes: [Recipe] = []

  /// Works out which metrics belong together.
  ///
  /// - Parameter columns: Names of the service's metric columns.
  init(_ definition: FeatureDefinition, columns: [String]) {
    let metrics = columns.map { MetricName($0) }
    for selected in definition.selected where selected.feature.scope == .service {
      switch selected.feature {
      case .siblingRatio: addSiblings(columns, metrics)
      case .errorRatio: addErrors(columns, metrics)
      case .saturation: addSaturation(columns, metrics)
      case .daySine: add("day_sine", .sine(period: 86_400))
      case .dayCosine: add("day_cosine", .cosine(period: 86_400))
      case .weekSine: add("week_sine", .sine(period: 604_800))
      case .weekCosine: add("week_cosine", .cosine(period: 604_800))
      default: preconditionFailure("\(selected.feature.rawValue) is no feature of a service")
      }
    }
  }

  private mutating func add(_ name: String, _ recipe: Recipe) {
    guard !names.contains(name) else { return }
    names.append(name)
    recipes.append(recipe)
  }

  private mutating func addSiblings(_ columns: [String], _ metrics: [MetricName]) {
    let families = Dictionary(grouping: metrics.indices) { metrics[$0].base }
    for index in columns.indices {
      let others = (families[metrics[index].base] ?? []).filter { $0 != index }
      guard !others.isEmpty else { continue }
      add("sibling_ratio(\(columns[index]))", .siblings(column: index, others: others))
    }
  }

  private mutating func addErrors(_ columns: [String], _ metrics: [MetricName]) {
    let families = Dictionary(grouping: metrics.indices) { metrics[$0].base }
    for base in families.keys.sorted() {
      let all = (families[base] ?? []).filter { metrics[$0].isFailure != nil }
      let failures = all.filter { metrics[$0].isFailure == true }
      guard !failures.isEmpty, failures.count < all.count else { continue }
      add("error_ratio(\(base))", .ratio(of: failures, to: all))
    }
    for index in columns.indices {
      for base in metrics[index].basesOfAll {
        guard let all = columns.firstIndex(of: base + metrics[index].labelText) else { continue }
        add("error_ratio(\(columns[index]))", .ratio(of: [index], to: [all]))
        break
      }
    }
  }

  private mutating func addSaturation(_ columns: [String], _ metrics: [MetricName]) {
    let limits = metrics.indices.filter { metrics[$0].isLimit }
    for index in columns.indices where !metrics[index].isLimit {
      guard let limit = limits.first(where: { metrics[$0].resource == metrics[index].resource })
      else { continue }
      add("saturation(\(columns[index]))", .ratio(of: [index], to: [limit]))
    }
  }

  /// Appends the features of one instant.
  ///
  /// - Parameter metrics: Values of the metric columns in their own units.
  func append(time: Timestamp, metrics: [Double], to output: inout [Float]) {
    for recipe in recipes {
      let value: Double
      switch recipe {
      case .siblings(let column, let others):
        let present = others.lazy.map { metrics[$0] }.filter(\.isFinite)
        value = metrics[column] / (present.reduce(0, +) / Double(present.count))
      case .ratio(let part, let whole): value = ratio(metrics, of: part, to: whole)
      case .sine(let period): value = sin(2 * Double.pi * time.seconds / period)
      case .cosine(let period): value = cos(2 * Double.pi * time.seconds / period)
      }
      output.append(value.isFinite ? Float(value) : .nan)
    }
  }

  /// The ratio of sums over the columns that are present; NaN when either has none, or when the
  /// whole is not positive.
  private func ratio(_ metrics: [Double], of part: [Int], to whole: [Int]) -> Double {
    func total(_ columns: [Int]) -> Double {
      let present = columns.lazy.map { metrics[$0] }.filter(\.isFinite)
      return present.isEmpty ? .nan : present.reduce(0, +)
    }
    let (part, whole) = (total(part), total(whole))
    return whole > 0 ? part / whole : .nan
  }
}
