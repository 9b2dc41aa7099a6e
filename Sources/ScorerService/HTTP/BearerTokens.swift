internal import Diagnostics
internal import Storage

/// Tokens that clients may show, by their digests.
struct BearerTokens: Sendable {
  private let digests: [[UInt8]]

  /// Reads tokens, one a line; blank lines and those that begin with `#` are left out.
  init(_ file: [UInt8], path: String) throws {
    let lines = String(decoding: file, as: UTF8.self).split(whereSeparator: \.isNewline)
      .map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty && !$0.hasPrefix("#") }
    guard !lines.isEmpty else { throw ServiceError.noTokens(path: path) }
    guard lines.allSatisfy({ $0.utf8.count >= 16 }) else {
      throw ServiceError.shortToken(path: path)
    }
    digests = lines.map { Array(SHA256Digest.hexadecimal(of: Array($0.utf8)).utf8) }
  }

  /// Whether a header `Authorization` shows one of the tokens. Takes as long for any wrong one.
  func admit(_ header: String?) -> Bool {
    guard let header, header.count < 4096, header.lowercased().hasPrefix("bearer ") else {
      return false
    }
    let token = header.dropFirst(7).filter { !$0.isWhitespace }
    let digest = Array(SHA256Digest.hexadecimal(of: Array(token.utf8)).utf8)
    var isKnown = false
    for known in digests {
      var difference: UInt8 = 0
      for index in digest.indices { difference |= digest[index] ^ known[index] }
      isKnown = isKnown || difference == 0
    }
    return isKnown
  }
}

/// Why the service cannot run.
enum ServiceError: DiagnosedError, Equatable {
  /// A file of tokens is empty.
  case noTokens(path: String)
  /// A token can be guessed.
  case shortToken(path: String)
  /// Certificate and key do not make a server's identity.
  case badCertificate(path: String, reason: String)
  /// An address cannot be listened on.
  case cannotListen(address: String, reason: String)
  /// The configuration asks for what this program was built without.
  case notAvailable(key: String)

  var kind: FailureKind {
    switch self {
    case .noTokens, .shortToken, .badCertificate, .notAvailable: .invalidInput
    case .cannotListen: .environment
    }
  }

  var description: String {
    switch self {
    case .noTokens(let path): "\(path): no token; write one a line"
    case .shortToken(let path): "\(path): a token of fewer than 16 characters; make longer ones"
    case .badCertificate(let path, let reason):
      "\(path): \(reason); the files must be a certificate chain and its key in PEM"
    case .cannotListen(let address, let reason): "\(address): cannot listen: \(reason)"
    case .notAvailable(let key): "\(key): this program does not have it; remove the key"
    }
  }
}
