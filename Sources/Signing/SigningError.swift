public import Diagnostics

/// Why something could not be signed, or is not believed.
public enum SigningError: DiagnosedError, Equatable {
  /// A file holds no key that we can use.
  case unusableKey(path: String, reason: String)
  /// A key would replace a file.
  case occupied(path: String)
  /// A trust policy contradicts itself.
  case invalidPolicy(source: String, reason: String)
  /// A signature is not what signatures look like.
  case damagedSignature(source: String, reason: String)
  /// Too few of the trusted keys have signed.
  case notTrusted(source: String, reason: String)

  /// What the failure means to the program that called us.
  public var kind: FailureKind {
    switch self {
    case .unusableKey, .occupied, .invalidPolicy: .invalidInput
    case .damagedSignature, .notTrusted: .integrity
    }
  }

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .unusableKey(let path, let reason): "\(path): \(reason)"
    case .occupied(let path):
      "\(path): exists already, and keys are never replaced; choose another name"
    case .invalidPolicy(let source, let reason): "\(source): \(reason)"
    case .damagedSignature(let source, let reason):
      "\(source): \(reason); the signature was changed or damaged, fetch or sign the artifact again"
    case .notTrusted(let source, let reason):
      "\(source): \(reason); do not use this artifact, or trust the key that signed it"
    }
  }
}
