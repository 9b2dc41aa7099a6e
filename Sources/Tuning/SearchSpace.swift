internal import Diagnostics
internal import LinearAlgebra
public import Pipeline
internal import Storage

/// What a search may change, and the values that each place can take.
public struct SearchSpace: Hashable, Sendable {
  /// One place of the configuration.
  public struct Parameter: Hashable, Sendable {
    /// The key's path, such as `models.lstm.epochs`.
    public var key: String
    /// The line in the space's file.
    public var line: Int
    /// The values.
    public var domain: SearchDomain
  }

  /// The file, for errors.
  public let file: String
  /// Every place, in the order of their keys.
  public let parameters: [Parameter]

  /// Largest file of a space, in bytes.
  private static let sizeLimit = 1 << 20

  /// Reads a space: a mapping of key paths to domains.
  ///
  /// - Parameter environment: What `${NAME}` in values stands for.
  /// - Throws: `StorageError` when there is no such file, `ConfigurationError` or `TuningError` with
  ///   the line that is wrong.
  public init(readingFile path: String, environment: [String: String]) throws {
    try self.init(
      parsing: String(
        decoding: try FileSystem.readFile(at: path, limit: Self.sizeLimit), as: UTF8.self),
      file: path, environment: environment)
  }

  /// Parses a space.
  public init(parsing text: String, file: String, environment: [String: String]) throws {
    let root = try ConfigurationNode(parsing: text, file: file, environment: environment)
    var parameters: [Parameter] = []
    for (key, line) in try root.keys {
      guard key.hasPrefix("features.") || key.hasPrefix("models."), key != Self.timeLimit else {
        throw TuningError.forbiddenKey(file: file, line: line, key: key)
      }
      if let other = parameters.first(where: { isNested($0.key, key) }) {
        throw TuningError.nestedKeys(file: file, line: line, key: key, other: other.key)
      }
      parameters.append(
        Parameter(key: key, line: line, domain: try SearchDomain(root.required(key))))
    }
    guard !parameters.isEmpty else { throw root.expected("at least one key with its values") }
    self.file = file
    self.parameters = parameters.sorted { $0.key < $1.key }
  }

  private static let timeLimit = "models.lstm.max_duration"

  /// The values of a trial, the first of which is the configuration as it is.
  ///
  /// Every place has a stream of its own, so that a value depends on the seed, the key and the
  /// trial's number alone: not on other keys, on the number of trials or on what was tried before.
  public func settings(trial: Int, seed: UInt64) -> [ConfigurationDraft.Setting] {
    guard trial > 0 else { return [] }
    return parameters.map { parameter in
      var generator = Philox(seed: seed, purpose: "tune \(parameter.key)", index: trial)
      return ConfigurationDraft.Setting(
        key: parameter.key, value: parameter.domain.draw(&generator))
    }
  }

  /// Makes sure that the configuration takes every key and the ends of its values.
  ///
  /// - Throws: `ConfigurationError` with the line of the space.
  public func check(against draft: ConfigurationDraft) throws {
    for parameter in parameters {
      for value in parameter.domain.examples {
        var changed = draft
        changed.settings = [ConfigurationDraft.Setting(key: parameter.key, value: value)]
        do {
          _ = try changed.configuration()
        } catch let error as ConfigurationError {
          throw located(error, parameter, value)
        } catch let error as any DiagnosedError {
          throw refused(parameter, value, error.description)
        }
      }
    }
  }

  /// The error at the space's line; one about another key says so.
  private func located(
    _ error: ConfigurationError, _ parameter: Parameter, _ value: String
  ) -> ConfigurationError {
    guard let key = error.key, key == parameter.key || isNested(key, parameter.key) else {
      return refused(parameter, value, error.description)
    }
    return error.moved(to: file, line: parameter.line)
  }

  private func refused(
    _ parameter: Parameter, _ value: String, _ reason: String
  ) -> ConfigurationError {
    .invalidValue(
      file: file, line: parameter.line, key: parameter.key, found: value,
      expected: "a value that fits the rest of the configuration (\(reason))")
  }
}

/// Whether one key is the other or a part of its path.
private func isNested(_ a: String, _ b: String) -> Bool {
  a == b || a.hasPrefix(b + ".") || b.hasPrefix(a + ".")
}
