public import Diagnostics

/// What is wrong with a configuration file.
public enum ConfigurationError: DiagnosedError, Equatable {
  /// Not YAML.
  case invalidYAML(file: String, line: Int, column: Int, reason: String)
  /// A key that means nothing here.
  case unknownKey(file: String, line: Int, key: String, known: [String])
  /// A key that must be there is not.
  case missingKey(file: String, line: Int, key: String)
  /// A value of the wrong kind or outside its range.
  case invalidValue(file: String, line: Int, key: String, found: String, expected: String)
  /// `${NAME}` where the environment has no such name.
  case unsetEnvironment(file: String, line: Int, name: String)

  /// What the failure means to the caller.
  public var kind: FailureKind { .invalidInput }

  /// One line that names the place and what to do about it.
  public var description: String {
    switch self {
    case .invalidYAML(let file, let line, let column, let reason):
      "\(file):\(line):\(column): invalid YAML: \(reason)"
    case .unknownKey(let file, let line, let key, let known):
      "\(file):\(line): unknown key '\(key)'\(hint(key, known)); known here: "
        + known.joined(separator: ", ")
    case .missingKey(let file, let line, let key):
      "\(file):\(line): key '\(key)' is missing"
    case .invalidValue(let file, let line, let key, let found, let expected):
      "\(file):\(line): \(key): found '\(found)', expected \(expected)"
    case .unsetEnvironment(let file, let line, let name):
      "\(file):\(line): environment variable \(name) is not set; set it or write "
        + "${\(name):-default}"
    }
  }

  private func hint(_ key: String, _ known: [String]) -> String {
    let lastPart = key.split(separator: ".").last.map(String.init) ?? key
    return guess(lastPart, among: known)
  }
}

extension ConfigurationError {
  /// The key that it is about; nil for what is not about one.
  package var key: String? {
    switch self {
    case .unknownKey(_, _, let key, _), .missingKey(_, _, let key),
      .invalidValue(_, _, let key, _, _):
      key
    case .invalidYAML, .unsetEnvironment: nil
    }
  }

  /// The same error at another place, for a value that was put into the file it names.
  package func moved(to file: String, line: Int) -> ConfigurationError {
    switch self {
    case .invalidYAML(_, _, let column, let reason):
      .invalidYAML(file: file, line: line, column: column, reason: reason)
    case .unknownKey(_, _, let key, let known):
      .unknownKey(file: file, line: line, key: key, known: known)
    case .missingKey(_, _, let key): .missingKey(file: file, line: line, key: key)
    case .invalidValue(_, _, let key, let found, let expected):
      .invalidValue(file: file, line: line, key: key, found: found, expected: expected)
    case .unsetEnvironment(_, _, let name):
      .unsetEnvironment(file: file, line: line, name: name)
    }
  }
}

/// ` (did you mean '…'?)` with the known word nearest to a mistyped one, empty when none is near.
package func guess(_ word: String, among known: [String]) -> String {
  let near = known.map { (editDistance($0, word), $0) }.min { $0 < $1 }
  guard let near, near.0 <= max(2, word.count / 3) else { return "" }
  return " (did you mean '\(near.1)'?)"
}

/// Insertions, deletions and substitutions between two words (Levenshtein 1966).
private func editDistance(_ a: String, _ b: String) -> Int {
  let b = Array(b)
  var row = Array(0...b.count)
  for (i, character) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for j in b.indices {
      let substitution = diagonal + (character == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substitution, min(row[j], diagonal) + 1)
    }
  }
  return row[b.count]
}
