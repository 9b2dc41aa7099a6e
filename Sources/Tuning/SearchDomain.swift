internal import Foundation
internal import LinearAlgebra
internal import Pipeline

/// The values that one place of a configuration can take.
public enum SearchDomain: Hashable, Sendable {
  /// One of some values, as YAML on one line each.
  case choice([String])
  /// A number, all parts of the range alike.
  case uniform(Double, Double)
  /// A positive number, all orders of magnitude alike.
  case logUniform(Double, Double)
  /// A whole number, both ends among them.
  case integer(Int, Int)

  /// Digits of drawn numbers that count: more would only be hard to read.
  private static let digits = 4

  init(_ node: ConfigurationNode) throws {
    let forms = ["choice", "uniform", "log_uniform", "integer"]
    try node.check(keys: forms)
    let given = try node.keys.map(\.name)
    guard given.count == 1, let form = given.first else {
      throw node.expected("one of \(forms.joined(separator: ", "))")
    }
    let place = try node.required(form)
    if form == "choice" {
      let values = try place.elements.map { try $0.yaml }
      guard !values.isEmpty, Set(values).count == values.count else {
        throw place.expected("one or more values, none of them twice")
      }
      self = .choice(values)
      return
    }
    let ends = try place.elements
    guard ends.count == 2 else { throw place.expected("two numbers, the lower one first") }
    if form == "integer" {
      let limit = 1 << 53
      let (low, high) = (try ends[0].integer(-limit...limit), try ends[1].integer(-limit...limit))
      guard low < high else { throw place.expected("two numbers, the lower one first") }
      self = .integer(low, high)
      return
    }
    let range = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    let (low, high) = (try ends[0].number(range), try ends[1].number(range))
    guard low < high else { throw place.expected("two numbers, the lower one first") }
    if form == "uniform" {
      self = .uniform(low, high)
    } else {
      guard low > 0 else { throw ends[0].expected("a number above 0 for log_uniform") }
      self = .logUniform(low, high)
    }
  }

  /// Draws a value as YAML.
  func draw(_ generator: inout Philox) -> String {
    switch self {
    case .choice(let values): return values[generator.index(below: values.count)]
    case .uniform(let low, let high):
      return Self.text(low + (high - low) * generator.uniform(), low, high)
    case .logUniform(let low, let high):
      let place = log(low) + (log(high) - log(low)) * generator.uniform()
      return Self.text(exp(place), low, high)
    case .integer(let low, let high):
      return String(low + generator.index(below: high - low + 1))
    }
  }

  /// Values that a configuration must take if it is to take all.
  var examples: [String] {
    switch self {
    case .choice(let values): values
    case .uniform(let low, let high):
      [low, low + (high - low) * 0.382, high].map { Self.text($0, low, high) }
    case .logUniform(let low, let high):
      [low, (low * high).squareRoot(), high].map { Self.text($0, low, high) }
    case .integer(let low, let high): [String(low), String(high)]
    }
  }

  /// What makes two domains the same, in one line.
  var text: String {
    switch self {
    case .choice(let values): "choice \(values)"
    case .uniform(let low, let high): "uniform \(low) \(high)"
    case .logUniform(let low, let high): "log_uniform \(low) \(high)"
    case .integer(let low, let high): "integer \(low) \(high)"
    }
  }

  /// A number with few digits, within its range.
  private static func text(_ value: Double, _ low: Double, _ high: Double) -> String {
    guard value != 0 else { return "0.0" }
    let exponent = Double(digits - 1) - floor(log10(abs(value)))
    let power = pow(10, abs(exponent))
    let short =
      exponent >= 0
      ? (value * power).rounded() / power : (value / power).rounded() * power
    return min(max(short, low), high).description
  }
}
