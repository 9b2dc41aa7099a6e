package import NIOSSL

/// Whom to trust over TLS, and how to show who we are.
public struct TransportSecurity: Sendable {
  /// Certificates (PEM) to trust instead of the system's.
  public var authorityFile: String?
  /// Our certificate, followed by intermediate ones (PEM).
  public var certificateFile: String?
  /// The key of our certificate (PEM, without a passphrase).
  public var keyFile: String?
  /// Whether the server's certificate and name are checked.
  public var verifies = true

  /// The system's authorities, no certificate of our own.
  public init() {}

  /// The library's form of it.
  ///
  /// - Throws: `TransportError.credentials` naming the file that cannot be used, and
  ///   `.invalidRequest` for a certificate without a key or a key without a certificate.
  package func configuration() throws(TransportError) -> TLSConfiguration {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.certificateVerification = verifies ? .fullVerification : .none
    if let path = authorityFile {
      configuration.trustRoots = .certificates(try Self.certificates(in: path))
    }
    switch (certificateFile, keyFile) {
    case (nil, nil): break
    case (let certificates?, let key?):
      configuration.certificateChain = try Self.certificates(in: certificates)
        .map { .certificate($0) }
      do {
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
      } catch {
        throw .credentials(
          path: key, reason: "expected a private key in PEM form, without a passphrase")
      }
    default:
      throw .invalidRequest(reason: "a certificate and its key go together; give both files")
    }
    return configuration
  }

  private static func certificates(in path: String) throws(TransportError) -> [NIOSSLCertificate] {
    do {
      let certificates = try NIOSSLCertificate.fromPEMFile(path)
      if !certificates.isEmpty { return certificates }
    } catch {
      // The library's own words name neither the file nor the reason.
    }
    throw .credentials(path: path, reason: "expected certificates in PEM form")
  }
}
