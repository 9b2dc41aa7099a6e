internal import Diagnostics
internal import Registry
internal import Signing
internal import Synchronization

/// Versions whose content was refused, by their digests: reading them again at every poll would load
/// much to find out the same.
final class RefusedVersions: Sendable {
  /// A refused version is tried again after that: its files may have been repaired.
  private static let pause = Duration.seconds(300)

  private let since = Mutex<[String: ContinuousClock.Instant]>([:])

  /// Whether a version need not be tried now.
  func holds(_ digest: String) -> Bool {
    since.withLock { since in
      since = since.filter { $0.value.duration(to: .now) < Self.pause }
      return since[digest] != nil
    }
  }

  /// Remembers a version, if what was wrong is its content. Signatures may still come, and what a
  /// registry failed with may pass.
  func note(_ digest: String, _ error: any Error) {
    guard let error = error as? any DiagnosedError, error.kind == .integrity else { return }
    if error is SigningError { return }
    if case RegistryError.store? = error as? RegistryError { return }
    since.withLock { $0[digest] = .now }
  }
}
