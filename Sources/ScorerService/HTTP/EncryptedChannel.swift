internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOSSL

/// Connections with TLS whose certificates can change while the server runs.
struct EncryptedChannel<Base: ServerChildChannel>: ServerChildChannel {
  let base: Base
  let context: WatchedFiles<NIOSSLContext>

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
    channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context.content))
    }.flatMap { base.setup(channel: channel, logger: logger) }
  }

  func handle(value: Base.Value, logger: Logger) async {
    await base.handle(value: value, logger: logger)
  }
}

extension ScorerConfiguration.EncryptionFiles {
  /// Reads the files.
  ///
  /// - Throws: `ServiceError.badCertificate`, `StorageError`.
  func watched() throws -> WatchedFiles<NIOSSLContext> {
    let certificatePath = certificate
    return try WatchedFiles([certificate, key] + (clientAuthorities.map { [$0] } ?? [])) { files in
      do {
        var configuration = TLSConfiguration.makeServerConfiguration(
          certificateChain: try NIOSSLCertificate.fromPEMBytes(files[0]).map { .certificate($0) },
          privateKey: .privateKey(try NIOSSLPrivateKey(bytes: files[1], format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        if files.count > 2 {
          configuration.certificateVerification = .noHostnameVerification
          configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(files[2]))
        }
        return try NIOSSLContext(configuration: configuration)
      } catch let error as NIOSSLError {
        throw ServiceError.badCertificate(path: certificatePath, reason: "\(error)")
      } catch let error as BoringSSLError {
        throw ServiceError.badCertificate(path: certificatePath, reason: "\(error)")
      }
    }
  }
}
